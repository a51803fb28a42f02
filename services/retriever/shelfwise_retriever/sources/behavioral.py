"""The sources that use behavior, and how each weighs a history."""

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

_LAST, _MOST = 64, 100
"""How many products of a history count, the weightiest ones; more cost time and change next to nothing."""

# Chosen on a gift shop and a grocery shop: first purchases after a date, recall@100 and NDCG@10 of each source's own order.
_TOGETHER = partial(Past.habits, power=1.0, keep=0.8)
_SEQUENCE = partial(Past.recent, keep=0.7)
_LEARNED = partial(Past.habits, power=0.5, keep=0.95)
_USERS = partial(Past.recent, keep=0.9)


def behavioral(behavior: Behavior, shelves: Shelves) -> list[Source]:
    """All behavioral sources over one behavior."""
    return [
        OwnSource(),
        ViewedSource(),
        ListSource("together", behavior.together, _TOGETHER, _LAST),
        BehaviorSource(behavior.space, behavior.count, _SEQUENCE),
        ListSource("learned", behavior.learned, _LEARNED, _MOST),
        ListSource("users", behavior.users, _USERS, _MOST),
        TrendingSource(behavior.trending, lambda: len(shelves.category)),
        CategorySource(shelves, behavior.trending, _LEARNED),
    ]
