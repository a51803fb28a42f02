"""From products and events to the ranker's part of a bundle."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.evaluate import FILE as EVALUATION_FILE
from shelfwise_pipeline.evaluation.rows import Row, write_rows
from shelfwise_pipeline.examples.askers import Askers
from shelfwise_pipeline.examples.candidates import BehavioralSource
from shelfwise_pipeline.examples.featurizing import WindowedBehavior
from shelfwise_pipeline.examples.from_catalog import catalog_questions
from shelfwise_pipeline.examples.from_events import EventQuestions
from shelfwise_pipeline.examples.from_judgements import judged_questions
from shelfwise_pipeline.examples.lexicon import Words
from shelfwise_pipeline.examples.paraphrases import Paraphraser
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.retrieving import Encode, Retrieving
from shelfwise_pipeline.examples.windows import Windows
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.behavioral import BehavioralTeacher
from shelfwise_pipeline.training.day_zero import train_day_zero
from shelfwise_pipeline.training.facts import RankerFacts, TrainedOn, fusion_example
from shelfwise_pipeline.training.from_events import train_from_events
from shelfwise_pipeline.training.from_judgements import train_from_judgements
from shelfwise_pipeline.training.judged_examples import retrieve_judged
from shelfwise_pipeline.training.plan import BEHAVIORAL_KINDS, Plan
from shelfwise_pipeline.training.warming import of_nobody
from shelfwise_pipeline.training.word_meanings import word_meanings
from shelfwise_pipeline.training.writing import rank_request, write_ranker
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.registry import CATALOG_KINDS
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable
from shelfwise_retriever.fusion_fit import Example

Progress = Callable[[int, int | None], None]
"""Called with how many questions are done, and of how many."""

MICROSECOND = 1e-6


def train_rankers(
    shop: Shop,
    retriever: BehavioralSource,
    encode: Encode,
    target: Path,
    progress: Progress = lambda done, total: None,
    plan: Plan | None = None,
    words: Words | None = None,
) -> RankerFacts:
    """Train a model for each kind of question, judge it, and write the ranker's folder `target`.

    The shop's products are in the row order of the bundle. `retriever` must have been built with what was known at the
    first training moment (`shop.periods().train_from`): its row order is the order of popularity then. The statistics
    written are of all events. A kind of question for which the events teach too little gets the day-0 model, trained on
    the catalog; one that a catalog cannot teach either gets none, and another kind's stands in. `words` of the language,
    embedded by the same encoder, make queries that no title is made of, and are never taken for misspelt words of the
    catalog. Judgements, where there are enough, teach the text model, and a model from events builds upon that. The same
    input gives the same models.

    Raises:
        CatalogTooSmall: nothing in the catalog finds anything else.
    """
    plan = plan or Plan()
    words = words or Words.none()
    products = shop.products
    table = build_table(products, words.known)
    log = EventLog.of(table, shop.events)
    split = shop.periods()
    end = float(log.times[-1]) + MICROSECOND if len(log) else 0.0
    retrieving = Retrieving(retriever, encode, table)
    paraphraser = Paraphraser(table, products, words, encode, plan.seed)
    if split is not None:
        questions = EventQuestions(table, products, log, plan.seed, paraphraser)
        pasts = Pasts.of(table, log, shop.events)
        askers = Askers(pasts, plan.seed)
        behavior = WindowedBehavior(table, log, split.train_from.timestamp(), split.window_s)

    asked = judged_questions(shop.judgements, table, _whole_catalog_from(table, end), plan.seed)
    judged = retrieve_judged(asked, retrieving, retriever, encode, table, plan)
    if judged.meaning is not None:
        table = replace(table, word_vectors=word_meanings(table.vocabulary, encode))
        retrieving = retrieving.over(retriever.with_judged(judged.meaning))

    models: dict[QuestionKind, RankModel] = {}
    listed: RankModel | None = None
    trained_on: dict[QuestionKind, TrainedOn] = {}
    evaluation: list[Row] = []
    fusion: dict[QuestionKind, list[Example]] = {}
    warm_up: list[RankRequest] = []
    total = len(CATALOG_KINDS) * (plan.catalog + (plan.train if split else 0))
    total += len(plan.kinds) * plan.behavioral if split else 0
    done = 0
    for kind in CATALOG_KINDS:
        made = catalog_questions(kind, table, products, plan.catalog, _whole_catalog_from(table, end), plan.seed, paraphraser)
        from_catalog = retrieving.retrieve(made, partial(_advance, progress, done, total))
        done += plan.catalog
        day_zero = train_day_zero(kind, from_catalog, table)
        models[kind], trained_on[kind], taught = day_zero.model, "catalog", from_catalog
        evaluation += day_zero.evaluation
        if kind == "text" and judged.enough:
            from_judgements = train_from_judgements(judged, day_zero.taught, table, day_zero.model, plan)
            models[kind], trained_on[kind], taught = from_judgements.model, "judgements", judged.taught(plan.fusion)
            table = from_judgements.table
            evaluation += from_judgements.evaluation
            listed = from_judgements.listed
            day_zero = replace(
                day_zero, model=from_judgements.model, taught=judged.teaching_searches, costs=from_judgements.costs
            )
        if split is not None:
            learned = train_from_events(
                kind, questions, askers, retrieving, behavior, table, split, day_zero, plan,
                partial(_advance, progress, done, total),
            )  # fmt: skip
            done += plan.train
            if learned is not None:
                models[kind], trained_on[kind], taught = learned.model, "events", learned.taught
                evaluation += learned.evaluation
        fusion[kind] = [fusion_example(one) for one in taught[: plan.fusion]]
        warm_up += [rank_request(one, table) for one in taught[: plan.warm_up]]

    if split is not None:
        teacher = BehavioralTeacher(shop, table, log, pasts, retriever, encode, Windows.of(split, plan.windows), plan)
        for kind, taught_kind in teacher.teach(partial(_advance, progress, done, total)).items():
            models[kind], trained_on[kind] = taught_kind.model, "events"
            evaluation += taught_kind.evaluation
            fusion[kind] = [fusion_example(one) for one in taught_kind.sample]
            draw = np.random.default_rng(plan.seed)
            warm_up += [of_nobody(rank_request(one, table), table, draw) for one in taught_kind.sample[: plan.warm_up]]
    for kind in BEHAVIORAL_KINDS:
        trained_on.setdefault(kind, "stand-in")

    target.mkdir(parents=True, exist_ok=True)
    write_ranker(
        target,
        table,
        BehaviorStats.compute(table, log, end),
        HabitStats.compute(table, log, end),
        models,
        trained_on,
        warm_up,
        listed,
    )
    write_rows(target / EVALUATION_FILE, evaluation)
    return RankerFacts(
        features={kind: registry.names(kind) for kind in models},
        trained_on=trained_on,
        trees={kind: model.trees for kind, model in models.items()},
        evaluation=evaluation,
        fusion=fusion,
        meaning=judged.meaning,
    )


def _advance(progress: Progress, before: int, total: int, more: int) -> None:
    progress(before + more, total)


def _whole_catalog_from(table: ProductTable, end: float) -> float:
    """The moment from which on every product is on offer."""
    return float(np.fmax.reduce(table.created_at, initial=end)) + MICROSECOND
