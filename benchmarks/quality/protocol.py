"""Defines what a task asks, what a system may know, and what it answers. All other modules here implement or measure these."""

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
    """Everything that a system may learn from. Nothing in it is later than `moment`."""

    products: pl.DataFrame
    """PRODUCT_COLUMNS, in no particular order; attributes, prices and dates as known at `moment`."""
    events: pl.DataFrame = field(default_factory=EVENT_COLUMNS.to_frame)
    """EVENT_COLUMNS, sorted by time. A basket is a session_id."""
    judgements: pl.DataFrame = field(default_factory=NOTHING_JUDGED.to_frame)
    """query, product_id, grade (a gain is 2^grade - 1), part ('train' or 'validation')."""
    moment: datetime | None = None
    """The first moment of which nothing is known. Questions are asked then or later. None: the task has no time."""
    labels_from: datetime | None = None
    """A trained system takes labels from here to `validation_from`, and features from before."""
    validation_from: datetime | None = None
    """The time from here to `moment` is for validation, such as choosing the number of trees."""

    def purchases(self) -> pl.DataFrame:
        """The purchases, sorted by time. Public sets have no other events."""
        return self.events.filter(pl.col("type") == "purchase")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Exactly one of `text`, `seeds` and `user` says what is asked for."""

    id: str
    text: str | None = None
    """A text query."""
    seeds: tuple[str, ...] = ()
    """Products; asks for what is bought with them."""
    user: str | None = None
    """A user with a past in `Known.events`; asks for what the user wants next."""
    candidates: tuple[str, ...] | None = None
    """A caller's own list: the answer has only these, all of them, in the best order."""
    exclude: frozenset[str] = frozenset()
    """Products that must not be answered."""
    asked_at: datetime | None = None
    """When the user asks; None: at `Known.moment`. A page knows the time, so a system may use it. It still knows no event from
    `Known.moment` on."""
    filter: Filter | None = None
    """What every answered product must satisfy. Only tasks without peers use it."""


class System(Protocol):
    """Anything that can be compared."""

    @property
    def name(self) -> str:
        """The name of the report's row; `shelfwise` is ours."""
        ...

    def fit(self, known: Known) -> None:
        """Learn. Called before `rank`, and again for another task. A second call with the same object may do nothing."""
        ...

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """For each question the best `depth` products; fewer only if the system finds no more.

        Questions are independent: the answer to one must not depend on the others in the call.
        """
        ...


def empty_products() -> pl.DataFrame:
    """An empty frame with PRODUCT_COLUMNS."""
    return PRODUCT_COLUMNS.to_frame()
