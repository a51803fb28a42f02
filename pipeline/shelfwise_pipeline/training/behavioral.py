"""The models of the kinds `together` (bought together) and `user` (what a shopper wants next), trained on events alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

import numpy as np

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.behavior import fit_behavior
from shelfwise_pipeline.evaluation.evaluate import baselines, compare, ranked
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_pipeline.examples.candidates import BehavioralSource, CandidateSource
from shelfwise_pipeline.examples.featurizing import ExampleSet, WindowedBehavior, featurize, joined, telling, thinned
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.retrieving import Encode, Retrieved, Retrieving
from shelfwise_pipeline.examples.shoppers import Shoppers
from shelfwise_pipeline.examples.together import together_questions
from shelfwise_pipeline.examples.windows import Window, Windows
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.beside import AdvancePart, Run, here
from shelfwise_pipeline.training.choosing import train_once_more
from shelfwise_pipeline.training.facts import Learned
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.tuning import tuned
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import DAY_S

MIN_TRAIN, MIN_CHOOSE = 200, 30
"""With fewer usable questions, another kind's model stands in (see shelfwise_ranker.stand_in)."""


FALSE_ANSWERS = 80
"""How many wrong candidates of a question are used for training. More teach little and take long."""


@dataclass(frozen=True)
class Answered:
    """Questions of one kind and one window, with their candidates and features."""

    retrieved: list[Retrieved]
    examples: ExampleSet


class BehavioralTeacher:
    """Asks each window's questions against what was known at its start. Both kinds share that knowledge.

    `retriever` must hold the behavior as of the first window's start.
    """

    def __init__(
        self,
        shop: Shop,
        table: ProductTable,
        log: EventLog,
        pasts: Pasts,
        retriever: BehavioralSource,
        encode: Encode,
        windows: Windows,
        plan: Plan,
    ) -> None:
        self._shop = shop
        self._table = table
        self._log = log
        self._pasts = pasts
        self._retriever = retriever
        self._encode = encode
        self._windows = windows
        self._plan = plan
        stocked = shop.products["in_stock"].fill_null(True).to_numpy() if "in_stock" in shop.products.columns else None
        offered = stocked if stocked is not None else np.ones(len(table), dtype=bool)
        self._offered = np.append(offered, False)
        self._baskets = Baskets.of(table, shop.events)
        self._share = plan.behavioral // len(windows.train)

    @property
    def questions(self) -> int:
        """The maximum number of questions asked, over all kinds."""
        windows, plan = self._windows, self._plan
        held_out = plan.behavioral_held_out * (1 if windows.test is None else 2)
        return len(plan.kinds) * (self._share * (len(windows.train) + 1) + held_out)

    def teach(self, advance: AdvancePart = lambda part, done: None, run: Run = here) -> dict[QuestionKind, Learned]:
        """Train a model for each of the plan's kinds for which the events suffice. `advance` is called with the number of
        questions answered of each part; `run` calls the training functions."""
        windows, plan = self._windows, self._plan
        teaching = [self.answered(window, self._share, advance) for window in windows.train]
        choosing = self.answered(windows.validate, plan.behavioral_held_out, advance)
        judging = self.answered(windows.test, plan.behavioral_held_out, advance) if windows.test is not None else {}
        latest = self.answered(windows.latest, self._share, advance)
        taught: dict[QuestionKind, Learned] = {}
        for kind in plan.kinds:
            examples = self._to_learn_from([of_window[kind] for of_window in teaching])
            validation = telling(choosing[kind].examples)
            if len(examples.sizes) < MIN_TRAIN or len(validation.sizes) < MIN_CHOOSE:
                continue
            chosen = run(tuned, examples, validation, plan.trials, plan.tuning_s, plan.seed)
            known = [examples, thinned(validation, FALSE_ANSWERS, plan.seed)]
            evaluation = judged(kind, run(train_once_more, known, chosen), judging[kind]) if judging else []
            # Parameters are chosen and the model is judged, so now the newest questions can be used for training, too.
            newest = [of_window[kind] for of_window in (judging, latest) if of_window]
            model = run(train_once_more, [*known, self._to_learn_from(newest)], chosen)
            sample = [one for of_window in teaching for one in of_window[kind].retrieved[: plan.fusion // len(windows.train)]]
            taught[kind] = Learned(model, "events", evaluation, sample)
        return taught

    def answered(
        self, window: Window, count: int, advance: AdvancePart = lambda part, done: None
    ) -> dict[QuestionKind, Answered]:
        """Return questions of the plan's kinds, with candidates from what was known at the window's start and each candidate's
        purchases until shortly before the question. As in service, lists and vectors are as old as a build, while purchase
        counts are kept up to date."""
        retrieving = Retrieving(self._source(window), self._encode, self._table)
        counted_every = max(DAY_S, self._plan.counted * (window.until - window.moment))
        behavior = WindowedBehavior(self._table, self._log, window.moment, counted_every)
        habits = HabitStats.compute(self._table, self._log, window.moment)
        found: dict[QuestionKind, Answered] = {}
        for kind in self._plan.kinds:
            told = partial(advance, f"{kind} from {window.moment}")
            retrieved = retrieving.retrieve(self._questions(kind, window, count), told)
            told(count)
            examples = featurize(kind, retrieved, self._table, behavior, habits=habits)
            found[kind] = Answered(retrieved, examples)
        return found

    def _to_learn_from(self, answered: Sequence[Answered]) -> ExampleSet:
        return joined([thinned(telling(one.examples), FALSE_ANSWERS, self._plan.seed) for one in answered])

    def _source(self, window: Window) -> CandidateSource:
        if window.moment == self._windows.train[0].moment:
            return self._retriever
        known = fit_behavior(self._retriever.product_ids, self._shop.events, datetime.fromtimestamp(window.moment, UTC))
        return self._retriever.with_behavior(known)

    def _questions(self, kind: QuestionKind, window: Window, count: int) -> Sequence[Question]:
        if kind == "together":
            return together_questions(self._table, self._baskets, self._offered, window, count, self._plan.seed)
        return self._shoppers.questions(window, count, self._plan.seed)

    @cached_property
    def _shoppers(self) -> Shoppers:
        return Shoppers(self._table, self._baskets, self._pasts, self._offered)


def judged(kind: QuestionKind, model: RankModel, answered: Answered) -> list[Row]:
    """Compare the model with orders that need no training, on questions used neither for training nor for choosing."""
    systems = baselines(answered.retrieved, answered.examples)
    systems["ranker"] = ranked(model, answered.examples)
    return compare(f"{kind}, purchases", answered.retrieved, systems, "ranker")
