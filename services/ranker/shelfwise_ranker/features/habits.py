"""How all shoppers buy a candidate, over its whole life."""

from shelfwise_ranker import habits
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest

_RELATIVE = ("repeat_rate", "purchases_14d", "trend_14d_90d")
_PLACES = [habits.COLUMNS.index(name) for name in _RELATIVE]


class Habits(Feature):
    """The statistics as they are, and some of them relative to the other candidates."""

    family = "habits"
    columns = (*habits.COLUMNS, *(f"{name}_minus_mean" for name in _RELATIVE))
    inputs = frozenset({"habits", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        count = len(habits.COLUMNS)
        out[:, :count] = request.habits.values[request.rows]
        out[:, count:] = minus_mean(out[:, _PLACES])
