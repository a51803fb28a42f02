"""The sources that live off behavior, and how each weighs a history."""

from functools import partial

from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.past import Past
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Source
from shelfwise_retriever.sources.behavior import BehaviorSource
from shelfwise_retriever.sources.category import CategorySource
from shelfwise_retriever.sources.lists import ListSource
from shelfwise_retriever.sources.own import OwnSource, ViewedSource
from shelfwise_retriever.sources.trending import TrendingSource

_RECENT = partial(Past.recent, keep=0.7)
_MOST = 150


def behavioral(behavior: Behavior, shelves: Shelves) -> list[Source]:
    """All of them, over one behavior."""
    return [
        OwnSource(behavior.count),
        ViewedSource(behavior.count),
        ListSource("together", behavior.together, _RECENT, _MOST),
        BehaviorSource(behavior.space, behavior.count, _RECENT),
        ListSource("learned", behavior.learned, Past.habits, _MOST),
        ListSource("users", behavior.users, Past.habits, _MOST),
        TrendingSource(behavior.trending),
        CategorySource(shelves, behavior.trending, Past.habits),
    ]
