"""The text model of a shop whose answers people have graded."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shelfwise_pipeline.evaluation.evaluate import baselines, compare, ranked
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.featurizing import ExampleSet, featurize, joined
from shelfwise_pipeline.examples.from_judgements import TRAIN, VALIDATION, Judged
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.retrieving import Retrieved, Retrieving, with_answer
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.train import train
from shelfwise_pipeline.training.word_costs import learn_word_costs
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable

LEAST = 200
"""Judged queries that teach, below which the day-0 model is the better choice."""

FAMILIES = frozenset({"sources", "text", "shape", "category"})
"""People graded words and meaning, mostly without seeing a price; what they say of popularity would be chance."""

CATALOG_PART = 0.15
"""Catalog questions that join in, for each judged query: they keep alive what judges rarely meet (typos, kinds of products)."""

LONG = 200
"""Candidates asked of each source for an answer of a hundred products."""

FOLDS = 5

WITHOUT_DENSE = 0.05
MAX_TREES = 140


@dataclass(frozen=True)
class JudgedExamples:
    """Candidates of the judged queries: those that teach, those that choose, each as lists and as searches."""

    teaching_lists: list[Retrieved]
    teaching_searches: list[Retrieved]
    choosing_lists: list[Retrieved]
    choosing_searches: list[Retrieved]

    @property
    def enough(self) -> bool:
        """Are there enough to learn from?"""
        return len(self.teaching_lists) >= LEAST

    def taught(self, count: int) -> list[Retrieved]:
        """Some of both, for whatever else is chosen on what taught."""
        return [*self.teaching_searches[: count - count // 2], *self.teaching_lists[: count // 2]]

    @property
    def teaching(self) -> list[Retrieved]:
        return [*self.teaching_lists, *self.teaching_searches]

    @property
    def choosing(self) -> list[Retrieved]:
        return [*self.choosing_lists, *self.choosing_searches]


def retrieve_judged(parts: dict[str, Judged], retrieving: Retrieving, plan: Plan) -> JudgedExamples:
    """The candidates of all lists, and of as many searches as the plan allows."""
    teaching, choosing = parts[TRAIN], parts[VALIDATION]
    return JudgedExamples(
        with_answer(retrieving.retrieve(teaching.listed)),
        _searched(teaching.searched[: plan.judged], retrieving),
        with_answer(retrieving.retrieve(choosing.listed)),
        _searched(choosing.searched[: plan.judged_choosing], retrieving),
    )


def _searched(questions: Sequence[Question], retrieving: Retrieving) -> list[Retrieved]:
    """Every other one with the candidates of a long answer."""
    short, long = retrieving.retrieve(questions[::2]), retrieving.retrieve(questions[1::2], limit=LONG)
    return with_answer([*short, *long])


@dataclass(frozen=True)
class FromJudgements:
    """The model, the product table with the words' costs that it needs, and how it does on the queries that chose its trees."""

    model: RankModel
    table: ProductTable
    evaluation: list[Row]


def train_from_judgements(
    judged: JudgedExamples, catalog: Sequence[Retrieved], table: ProductTable, day_zero: RankModel, plan: Plan
) -> FromJudgements:
    """Train on judged lists and searches together; `catalog` questions help. No feature sees any behavior."""
    nothing = BehaviorStats.empty(table)
    also = catalog[: int(CATALOG_PART * len(judged.teaching_lists))]
    searches = [*judged.teaching_searches, *also]
    examples = _with_costs_of_others([*judged.teaching_lists, *searches], judged.teaching_lists, table, plan.seed)
    table = replace(table, word_costs=learn_word_costs(judged.teaching_lists, table))
    choosing = featurize("text", judged.choosing, table, lambda _: nothing)
    model = train(examples, choosing, FAMILIES, most=MAX_TREES, settings=plan.judged_settings)
    rows: list[Row] = []
    for task, chosen in (("judged lists", judged.choosing_lists), ("judged searches", judged.choosing_searches)):
        features = featurize("text", chosen, table, lambda _: nothing)
        systems = baselines(chosen, features)
        del systems["popularity"]
        systems["day-0 ranker"] = ranked(day_zero, features)
        systems["ranker"] = ranked(model, features)
        rows += compare(f"text, {task}", chosen, systems, ours="ranker")
    return FromJudgements(model, table, rows)


def _with_costs_of_others(
    teaching: Sequence[Retrieved], lists: Sequence[Retrieved], table: ProductTable, seed: int
) -> ExampleSet:
    """Features of every question, with words' costs learned from other queries: what its own grades taught would be known."""
    nothing = BehaviorStats.empty(table)
    folds = []
    for fold in range(FOLDS):
        others = [one for one in lists if _fold(one) != fold]
        known = replace(table, word_costs=learn_word_costs(others, table))
        inside = [one for one in teaching if _fold(one) == fold]
        folds.append(featurize("text", inside, known, lambda _: nothing, without_dense=WITHOUT_DENSE, seed=seed))
    return joined(folds)


def _fold(one: Retrieved) -> int:
    return zlib.crc32((one.question.text or "").encode()) % FOLDS
