"""What a task asks, what a system may know, and what it answers. Everything else here is either one of these or measures it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from shelfwise.contracts.filter import Filter
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS

Ranking = list[str]
"""Product ids, best first, without repetition."""

NOTHING_JUDGED = pl.Schema({"query": pl.String(), "product_id": pl.String(), "grade": pl.Float64(), "part": pl.String()})


@dataclass(frozen=True, slots=True)
class Known:
    """All that a system may learn from. Nothing in it is younger than `moment`."""

    products: pl.DataFrame
    """PRODUCT_COLUMNS, in no order; attributes, prices and dates as they were known at `moment`."""
    events: pl.DataFrame = field(default_factory=EVENT_COLUMNS.to_frame)
    """EVENT_COLUMNS, in the order of time; one basket is one session_id."""
    judgements: pl.DataFrame = field(default_factory=NOTHING_JUDGED.to_frame)
    """query, product_id, grade (a gain is 2^grade - 1), part ('train' or 'validation')."""
    moment: datetime | None = None
    """The first moment of which nobody knows anything; questions are asked then or later. None: the task knows no time."""
    labels_from: datetime | None = None
    """A system that is trained takes what it predicts from here to `validation_from`, features from before."""
    validation_from: datetime | None = None
    """From here to `moment`: to choose a number of trees, or anything else."""

    def purchases(self) -> pl.DataFrame:
        """The events that are purchases, in the order of time. Public sets have no others."""
        return self.events.filter(pl.col("type") == "purchase")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Exactly one of `text`, `seeds` and `user` says what is asked for."""

    id: str
    text: str | None = None
    """Free text."""
    seeds: tuple[str, ...] = ()
    """Products: what goes with them?"""
    user: str | None = None
    """A user with a past in `Known.events`: what next?"""
    candidates: tuple[str, ...] | None = None
    """Only these may be answered, all of them, in the best order (a caller's own list)."""
    exclude: frozenset[str] = frozenset()
    """Never to be answered."""
    asked_at: datetime | None = None
    """When the user comes and asks; None: at `Known.moment`. A page knows its clock, so a system may use it; it knows no event
    from `Known.moment` on."""
    filter: Filter | None = None
    """What every answer must satisfy; only tasks without peers ask with one."""


class System(Protocol):
    """Anything that can be compared."""

    @property
    def name(self) -> str:
        """Names the row of the report; `shelfwise` is ours."""
        ...

    def fit(self, known: Known) -> None:
        """Learn. Called before `rank`, and again for another task; a second call with the very same object may do nothing."""
        ...

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """For each question the best `depth` products, fewer only when the system finds no more.

        Questions are independent: the answer to one must not depend on which others are asked with it.
        """
        ...


def empty_products() -> pl.DataFrame:
    """No product, in the canonical columns."""
    return PRODUCT_COLUMNS.to_frame()
