"""The model for a shop with events, trained on purchases and judged on later ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.evaluate import baselines, compare, ranked
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.askers import Askers
from shelfwise_pipeline.examples.featurizing import ExampleSet, WindowedBehavior, featurize, joined, thinned
from shelfwise_pipeline.examples.from_events import EventQuestions
from shelfwise_pipeline.examples.retrieving import Retrieved, Retrieving, with_answer
from shelfwise_pipeline.examples.split import Split
from shelfwise_pipeline.training.costs_of_others import CostsOfOthers
from shelfwise_pipeline.training.day_zero import DayZero
from shelfwise_pipeline.training.facts import Learned
from shelfwise_pipeline.training.from_judgements import WRONG
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.train import train
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable

WITHOUT_DENSE = 0.1

CATALOG_PART = 0.45
"""Catalog questions or judged searches added to the training, per usable text question from events. Purchases alone teach that
popular products win, even if they match only some of the words. With the added questions, popularity orders the relevant
products."""

MAX_TREES = 70

FOR_STRANGERS = "ranker, not told who asks"
"""The evaluation row of the same model and questions, without the askers' histories."""

MIN_TRAIN, MIN_TEST = 200, 30
"""With fewer usable questions to train on, the day-0 model is the better choice; with fewer to test on, neither can be
judged."""


@dataclass(frozen=True)
class EventLessons:
    """What events can teach: who asked what, what was known then of products and shoppers, and the periods."""

    questions: EventQuestions
    askers: Askers
    behavior: WindowedBehavior
    split: Split


def train_from_events(
    kind: QuestionKind,
    lessons: EventLessons,
    retrieving: Retrieving,
    table: ProductTable,
    day_zero: DayZero,
    plan: Plan,
    advance: Callable[[int], None],
) -> Learned | None:
    """Train on the first period, choose the number of trees on the second, judge on the third. Return None if there are too few
    questions."""
    questions, askers, behavior, split = lessons.questions, lessons.askers, lessons.behavior, lessons.split
    share = plan.paraphrased
    teaching = with_answer(retrieving.retrieve(questions.make(kind, split.train(), plan.train, share), advance))
    choosing = with_answer(retrieving.retrieve(questions.make(kind, split.validate(), plan.validate, share)))
    judging = retrieving.retrieve(questions.make(kind, split.test(), plan.test))
    if len(teaching) < MIN_TRAIN or (split.judges and len(with_answer(judging)) < MIN_TEST):
        return None
    also = _scattered(day_zero.taught[: int(CATALOG_PART * len(teaching))], split, plan.seed) if kind == "text" else []
    model = train(
        _examples(kind, teaching, also, table, behavior, askers, day_zero.costs, plan.seed),
        featurize(kind, choosing, table, behavior, history_at=askers.some_known),
        most=MAX_TREES,
        upon=day_zero.model if kind == "text" else None,
    )
    return Learned(model, "events", _judged(kind, judging, table, behavior, askers, model, day_zero.model), teaching)


def _scattered(timeless: Sequence[Retrieved], split: Split, seed: int) -> list[Retrieved]:
    """Move timeless questions to random moments of the first period, so that their products have behavior from before."""
    draw = np.random.default_rng(seed)
    return [replace(one, question=replace(one.question, moment=float(draw.uniform(*split.train())))) for one in timeless]


def _examples(
    kind: QuestionKind,
    teaching: Sequence[Retrieved],
    also: Sequence[Retrieved],
    table: ProductTable,
    behavior: WindowedBehavior,
    askers: Askers,
    costs: CostsOfOthers | None,
    seed: int,
) -> ExampleSet:
    asked = partial(featurize, history_at=askers.some_known, without_dense=WITHOUT_DENSE, seed=seed)
    if costs is None:
        return asked(kind, [*teaching, *also], table, behavior)
    # The table's word costs were learned from the grades of these very searches; `costs` has those of other folds.
    of_judges = costs.featurize(also, behavior, without_dense=WITHOUT_DENSE, seed=seed)
    of_shoppers = asked(kind, teaching, table, behavior)
    return joined([of_shoppers, thinned(of_judges, WRONG, seed)])


def _judged(
    kind: QuestionKind,
    judging: Sequence[Retrieved],
    table: ProductTable,
    behavior: WindowedBehavior,
    askers: Askers,
    model: RankModel,
    day_zero: RankModel,
) -> list[Row]:
    nothing = BehaviorStats.empty(table)
    features = featurize(kind, judging, table, behavior, history_at=askers.known)
    systems = baselines(judging, features)
    systems["day-0 ranker"] = ranked(day_zero, featurize(kind, judging, table, lambda _: nothing))
    systems["ranker"] = ranked(model, features)
    systems[FOR_STRANGERS] = ranked(model, featurize(kind, judging, table, behavior))
    return compare(f"{kind}, purchases", judging, systems, ours="ranker")
