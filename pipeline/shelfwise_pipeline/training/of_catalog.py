"""The models for texts and for what is like a product: the catalog teaches them, judgements and events better."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.from_catalog import catalog_questions
from shelfwise_pipeline.examples.paraphrases import Paraphraser
from shelfwise_pipeline.examples.retrieving import Retrieved, Retrieving
from shelfwise_pipeline.training.day_zero import train_day_zero
from shelfwise_pipeline.training.facts import TrainedOn
from shelfwise_pipeline.training.from_events import Past, train_from_events
from shelfwise_pipeline.training.from_judgements import train_from_judgements
from shelfwise_pipeline.training.judged_examples import JudgedExamples
from shelfwise_pipeline.training.plan import Plan
from shelfwise_ranker.features.registry import CATALOG_KINDS
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable


@dataclass(frozen=True)
class Learned:
    """The best model that the shop's data can teach for a kind of question."""

    model: RankModel
    trained_on: TrainedOn
    evaluation: list[Row]
    sample: list[Retrieved]
    """Candidates it was taught with."""


@dataclass(frozen=True)
class OfCatalog:
    """What the catalog's kinds of questions came to."""

    learned: dict[QuestionKind, Learned]
    table: ProductTable
    """With what judgements taught of words."""
    listed: RankModel | None
    """For callers' own lists, where judgements taught one."""


@dataclass(frozen=True)
class CatalogTeacher:
    """`past`: None where there are no events to learn from; `on_offer`: a moment at which every product is."""

    products: pl.DataFrame
    table: ProductTable
    retrieving: Retrieving
    paraphraser: Paraphraser
    judged: JudgedExamples
    past: Past | None
    on_offer: float
    plan: Plan

    @property
    def questions(self) -> int:
        """How many are asked at most, of all kinds."""
        return len(CATALOG_KINDS) * (self.plan.catalog + (self.plan.train if self.past else 0))

    def teach(self, advance: Callable[[int], None] = lambda done: None) -> OfCatalog:
        """A model of each of CATALOG_KINDS. `advance` is told how many questions are answered.

        Raises:
            CatalogTooSmall: nothing in the catalog finds anything else.
        """
        plan, judged, table = self.plan, self.judged, self.table
        learned: dict[QuestionKind, Learned] = {}
        listed: RankModel | None = None
        done = 0

        def more(count: int) -> None:
            advance(done + count)

        for kind in CATALOG_KINDS:
            made = catalog_questions(kind, table, self.products, plan.catalog, self.on_offer, plan.seed, self.paraphraser)
            asked = self.retrieving.retrieve(made, more)
            done += plan.catalog
            day_zero = train_day_zero(kind, asked, table)
            best = Learned(day_zero.model, "catalog", day_zero.evaluation, asked)
            if kind == "text" and judged.enough:
                graded = train_from_judgements(judged, day_zero.taught, table, day_zero.model, plan)
                best = Learned(graded.model, "judgements", best.evaluation + graded.evaluation, judged.taught(plan.fusion))
                day_zero = replace(day_zero, model=graded.model, taught=judged.teaching_searches, costs=graded.costs)
                table, listed = graded.table, graded.listed
            if self.past is not None:
                bought = train_from_events(kind, self.past, self.retrieving, table, day_zero, plan, more)
                done += plan.train
                if bought is not None:
                    best = Learned(bought.model, "events", best.evaluation + bought.evaluation, bought.taught)
            learned[kind] = best
        return OfCatalog(learned, table, listed)
