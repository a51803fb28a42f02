"""Spare rows in the tables of a bundle, for products that arrive later."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable, array_columns
from shelfwise_ranker.tallies import Tallies

Kind = TypeVar("Kind", bound=np.generic)

LEAST, SHARE = 10_000, 4
"""The spare rows are a quarter as many as the products, but at least `LEAST`. Further products are ranked as unknown ones
(see `newcomers`) until the next bundle; a shop that grew so much is worth a build."""


def room_for(table: ProductTable) -> int:
    """The number of spare rows for a table."""
    return max(LEAST, len(table) // SHARE)


def table_with_room(table: ProductTable, room: int) -> ProductTable:
    """The same table with `room` copies of the last row before the last one."""
    roomy = replace(
        table,
        titles=[*table.titles[:-1], *[""] * (room + 1)],
        sorted_titles=[*table.sorted_titles[:-1], *[""] * (room + 1)],
    )
    for name in array_columns(table):
        setattr(roomy, name, _spread(getattr(table, name), room))
    return roomy


def behavior_with_room(behavior: BehaviorStats, room: int) -> BehaviorStats:
    """The same statistics with `room` rows of products that nobody has touched before the last row."""
    nothing = np.zeros(1)
    untouched = Tallies(
        **{name: nothing if name != "last_purchase" else np.full(1, np.nan) for name in Tallies.__dataclass_fields__}
    ).statistics(nothing, behavior.as_of)
    values = np.vstack([behavior.values[:-1], np.repeat(untouched, room, axis=0), behavior.values[-1:]])
    return BehaviorStats(values, behavior.as_of)


def habits_with_room(habits: HabitStats, room: int) -> HabitStats:
    """The same statistics with `room` copies of the last row before the last one."""
    return HabitStats(_spread(habits.values, room), _spread(habits.hours, room))


def _spread(values: NDArray[Kind], room: int) -> NDArray[Kind]:
    return np.concatenate([values[:-1], np.repeat(values[-1:], room + 1, axis=0)])
