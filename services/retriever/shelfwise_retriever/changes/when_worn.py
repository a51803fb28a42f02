"""Decides when to compact: searches have become slower than necessary, or the shop has come to rest."""

import asyncio
import logging
import time
from collections.abc import Callable

from shelfwise.errors import NotReady
from shelfwise_retriever.changes.changing import Changing
from shelfwise_retriever.changes.compaction import compact
from shelfwise_retriever.indexes import Indexes
from shelfwise_retriever.retrieve import Retriever

_log = logging.getLogger("shelfwise.retriever")

WORN, FEWEST = 0.1, 1_000
"""The share of texts or documents changed since the build, and their number, that must both be exceeded. At that point a search
takes about 6 % longer, mostly for searching the later documents at all, so compacting sooner would gain little."""

WORN_AT_REST, FEWEST_AT_REST = 0.01, 100
"""The same after `AT_REST_S` without a change: what serves a quiet night should keep nothing of the busy day."""

AT_REST_S = 60.0

_LOOK_S = 1.0


async def compact_when_worn(retriever: Callable[[], Retriever]) -> None:
    """Run forever, as a task of the lifespan. `retriever`: returns the one that serves; raises NotReady if none does."""
    rest = Rest()
    while True:
        await asyncio.sleep(_LOOK_S)
        try:
            served = retriever()
        except NotReady:
            continue
        if served.changing is not None and is_worn(served.changing.indexes, at_rest=rest.reached(served.changing)):
            try:
                await compact(served)
            except Exception:
                # The served indexes are intact; searches get slower until a compaction or a new bundle succeeds.
                _log.exception("compaction failed")
                await asyncio.sleep(60 * _LOOK_S)


class Rest:
    """Watches whether changes arrive."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None
        self._since = 0.0

    def reached(self, changing: Changing) -> bool:
        """Whether nothing has changed for `AT_REST_S`, as far as the calls of this method saw."""
        now, seen = time.monotonic(), (id(changing), changing.made)
        if seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since >= AT_REST_S


def is_worn(indexes: Indexes, *, at_rest: bool = False) -> bool:
    """Whether it is time for a compaction."""
    share, fewest = (WORN_AT_REST, FEWEST_AT_REST) if at_rest else (WORN, FEWEST)
    return indexes.wear > share and indexes.wear * indexes.documents.count > fewest
