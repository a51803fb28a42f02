"""The models of the kinds `text` and `product`: trained on the catalog, and better on judgements and events where there are
any."""

from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.from_catalog import catalog_questions
from shelfwise_pipeline.examples.paraphrases import Paraphraser
from shelfwise_pipeline.examples.retrieving import Retrieving
from shelfwise_pipeline.training.beside import AdvancePart
from shelfwise_pipeline.training.day_zero import train_day_zero
from shelfwise_pipeline.training.facts import Learned
from shelfwise_pipeline.training.from_events import EventLessons, train_from_events
from shelfwise_pipeline.training.from_judgements import train_from_judgements
from shelfwise_pipeline.training.judged_examples import JudgedExamples
from shelfwise_pipeline.training.plan import Plan
from shelfwise_ranker.features.registry import CATALOG_KINDS
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable


@dataclass(frozen=True)
class OfCatalog:
    """The result of training CATALOG_KINDS."""

    learned: dict[QuestionKind, Learned]
    table: ProductTable
    """With word costs, where judgements taught them."""
    listed: RankModel | None
    """For callers' own lists, where judgements taught one."""


@dataclass(frozen=True)
class CatalogTeacher:
    """Trains the models of CATALOG_KINDS. `lessons`: None if there are no events to learn from; `on_offer`: a moment at which
    every product is on offer."""

    products: pl.DataFrame
    table: ProductTable
    retrieving: Retrieving
    paraphraser: Paraphraser
    judged: JudgedExamples
    lessons: EventLessons | None
    on_offer: float
    plan: Plan

    @property
    def questions(self) -> int:
        """The maximum number of questions asked, over all kinds."""
        return len(CATALOG_KINDS) * (self.plan.catalog + (self.plan.train if self.lessons else 0))

    def teach(self, advance: AdvancePart = lambda part, done: None) -> OfCatalog:
        """Train a model for each of CATALOG_KINDS. `advance` is called with the number of questions answered of each part.

        Raises:
            CatalogTooSmall: nothing in the catalog finds anything else.
        """
        plan, judged, table = self.plan, self.judged, self.table
        learned: dict[QuestionKind, Learned] = {}
        listed: RankModel | None = None
        for kind in CATALOG_KINDS:
            made = catalog_questions(kind, table, self.products, plan.catalog, self.on_offer, plan.seed, self.paraphraser)
            asked = self.retrieving.retrieve(made, partial(advance, f"{kind}, catalog"))
            advance(f"{kind}, catalog", plan.catalog)
            day_zero = train_day_zero(kind, asked, table)
            best = Learned(day_zero.model, "catalog", day_zero.evaluation, asked)
            if kind == "text" and judged.enough:
                graded = train_from_judgements(judged, day_zero.taught, table, day_zero.model, plan)
                best = Learned(graded.model, "judgements", best.evaluation + graded.evaluation, judged.taught(plan.fusion))
                day_zero = replace(day_zero, model=graded.model, taught=judged.teaching_searches, costs=graded.costs)
                table, listed = graded.table, graded.listed
            if self.lessons is not None:
                told = partial(advance, f"{kind}, events")
                bought = train_from_events(kind, self.lessons, self.retrieving, table, day_zero, plan, told)
                told(plan.train)
                if bought is not None:
                    best = replace(bought, evaluation=best.evaluation + bought.evaluation)
            learned[kind] = best
        return OfCatalog(learned, table, listed)
