"""Trains the rankers on products and events and writes the ranker's part of a bundle."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.evaluate import FILE as EVALUATION_FILE
from shelfwise_pipeline.evaluation.rows import write_rows
from shelfwise_pipeline.examples.askers import Askers
from shelfwise_pipeline.examples.candidates import BehavioralSource
from shelfwise_pipeline.examples.featurizing import WindowedBehavior
from shelfwise_pipeline.examples.from_events import EventQuestions
from shelfwise_pipeline.examples.from_judgements import judged_questions
from shelfwise_pipeline.examples.lexicon import Words
from shelfwise_pipeline.examples.on_sale import since_first_event
from shelfwise_pipeline.examples.paraphrases import Paraphraser
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.retrieving import Encode, Retrieving
from shelfwise_pipeline.examples.windows import Windows
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.behavioral import BehavioralTeacher
from shelfwise_pipeline.training.beside import Beside, Done, beside
from shelfwise_pipeline.training.facts import Learned, RankerFacts, TrainedOn, fusion_example
from shelfwise_pipeline.training.from_events import EventLessons
from shelfwise_pipeline.training.judged_examples import retrieve_judged
from shelfwise_pipeline.training.of_catalog import CatalogTeacher, OfCatalog
from shelfwise_pipeline.training.plan import BEHAVIORAL_KINDS, Plan
from shelfwise_pipeline.training.warming import of_nobody
from shelfwise_pipeline.training.word_meanings import word_meanings
from shelfwise_pipeline.training.writing import rank_request, write_ranker
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable

Progress = Callable[[int, int | None], None]
"""Called with the number of questions done and their total."""

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

    The shop's products are in the row order of the bundle. `retriever` must have been built with what was known at the first
    training moment (`shop.periods().train_from`): its row order is the order of popularity then. The statistics written are of
    all events. A kind with too few events gets the day-0 model, trained on the catalog; a kind that the catalog cannot teach
    either gets no model, and another kind's stands in. `words` of the language, embedded by the same encoder, make queries with
    words that no title has, and are never taken for misspelled words of the catalog. If there are enough judgements, they train
    the text model, and a model from events builds on it. The same input gives the same models.

    Raises:
        CatalogTooSmall: nothing in the catalog finds anything else.
        ProcessEnded: the system ended the training process started by this one.
    """
    plan = plan or Plan()
    words = words or Words.none()
    products = shop.products
    table = build_table(products, words.known)
    log = EventLog.of(table, shop.events)
    table = since_first_event(table, log)
    split = shop.periods()
    end = float(log.times[-1]) + MICROSECOND if len(log) else 0.0
    retrieving = Retrieving(retriever, encode, table)
    paraphraser = Paraphraser(table, products, words, encode, plan.seed)
    lessons, behavioral = None, None
    if split is not None:
        pasts = Pasts.of(table, log, shop.events)
        lessons = EventLessons(
            EventQuestions(table, products, log, plan.seed, paraphraser),
            Askers(pasts, plan.seed),
            WindowedBehavior(table, log, split.train_from.timestamp(), split.window_s),
            split,
        )
        behavioral = BehavioralTeacher(shop, table, log, pasts, retriever, encode, Windows.of(split, plan.windows), plan)

    on_offer = float(np.fmax.reduce(table.created_at, initial=end)) + MICROSECOND
    asked = judged_questions(shop.judgements, table, on_offer, plan.seed)
    judged = retrieve_judged(asked, retrieving, retriever, encode, table, plan)
    if judged.meaning is not None:
        table = replace(table, word_vectors=word_meanings(table.vocabulary, encode))
        retrieving = retrieving.over(retriever.with_judged(judged.meaning))

    catalog_teacher = CatalogTeacher(products, table, retrieving, paraphraser, judged, lessons, on_offer, plan)
    of_catalog, of_behavior = _taught(catalog_teacher, behavioral, progress)
    learned = of_catalog.learned | of_behavior
    models = {kind: one.model for kind, one in learned.items()}
    trained_on: dict[QuestionKind, TrainedOn] = {kind: one.trained_on for kind, one in learned.items()}
    for kind in BEHAVIORAL_KINDS:
        trained_on.setdefault(kind, "stand-in")
    evaluation = [row for one in learned.values() for row in one.evaluation]

    target.mkdir(parents=True, exist_ok=True)
    write_ranker(
        target,
        of_catalog.table,
        BehaviorStats.compute(table, log, end),
        HabitStats.compute(table, log, end),
        models,
        trained_on,
        _warm_up(learned, table, plan),
        of_catalog.listed,
    )
    write_rows(target / EVALUATION_FILE, evaluation)
    return RankerFacts(
        features={kind: registry.names(kind) for kind in models},
        trained_on=trained_on,
        trees={kind: model.trees for kind, model in models.items()},
        evaluation=evaluation,
        fusion={kind: [fusion_example(asked) for asked in one.sample[: plan.fusion]] for kind, one in learned.items()},
        meaning=judged.meaning,
    )


def _taught(
    catalog: CatalogTeacher, behavioral: BehavioralTeacher | None, progress: Progress
) -> tuple[OfCatalog, dict[QuestionKind, Learned]]:
    """Train the catalog's kinds and, in parallel, the kinds that only events can teach, if there are events."""
    done = Done(progress, catalog.questions + (behavioral.questions if behavioral else 0))
    if behavioral is None:
        return catalog.teach(done.of), {}
    with beside(partial(_behavioral, behavioral, done)) as taught_beside:
        return catalog.teach(done.of), taught_beside.result()


def _behavioral(teacher: BehavioralTeacher, done: Done, meanwhile: Beside) -> dict[QuestionKind, Learned]:
    def advance(part: str, answered: int) -> None:
        meanwhile.go_on()
        done.of(part, answered)

    return teacher.teach(advance, meanwhile.run)


def _warm_up(learned: Mapping[QuestionKind, Learned], table: ProductTable, plan: Plan) -> list[RankRequest]:
    """Return typical questions. Those about shoppers and carts are made up (see `warming`)."""
    warm_up: list[RankRequest] = []
    for kind, one in learned.items():
        requests = [rank_request(asked, table) for asked in one.sample[: plan.warm_up]]
        draw = np.random.default_rng(plan.seed)
        warm_up += [of_nobody(request, table, draw) for request in requests] if kind in BEHAVIORAL_KINDS else requests
    return warm_up
