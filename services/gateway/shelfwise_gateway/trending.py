"""Trending products, held here for questions that cannot be answered in any other way."""

import asyncio
import logging

from shelfwise.clients import Question
from shelfwise.contracts.filter import Filter
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError
from shelfwise_gateway import answer
from shelfwise_gateway.last_good import Held
from shelfwise_gateway.ordering import order
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.upstreams import Upstreams

HELD = 300
"""How many products are held: enough that a filter leaves some, less than a megabyte."""

_DEADLINE_MS = 2_000
_RETRY_S = 5.0

_log = logging.getLogger("shelfwise.gateway")

_SCENARIO = Scenario(
    question="user",
    sources=("trending",),
    order="trending",
    candidates=HELD,
    per_text=1,
    collapse=frozenset({"title", "size", "variant_group"}),
)


class TrendingHeld:
    """The trending products of the whole shop, requested from the retriever periodically; empty before the first answer."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._held = Held("", [])

    def __len__(self) -> int:
        return len(self._held.items)

    def answer(self, wanted: Filter | None) -> Held:
        """The held products that satisfy the filter, the most popular first."""
        if wanted is None:
            return self._held
        return Held(self._held.bundle, [item for item in self._held.items if wanted.holds_for(item)])

    async def refresh(self) -> None:
        """Ask the retriever again. An empty answer leaves the held products in place.

        Raises:
            ShelfwiseError: raised by the retriever; the held products stay.
        """
        question = Question(kind="user", sources=["trending"], per_text=1)
        found = await self._upstreams.retriever.retrieve(question, None, HELD, Deadline.after_ms(_DEADLINE_MS))
        shown = order(found, found.order, _SCENARIO, HELD)
        if shown.rows:
            self._held = Held(found.bundle, answer.items_of(shown, found, found.order, {}, HELD))

    async def follow(self, every_s: float) -> None:
        """Refresh repeatedly; run as a task of the lifespan."""
        while True:
            wait_s = every_s
            try:
                await self.refresh()
            except ShelfwiseError as error:
                wait_s = min(every_s, _RETRY_S)
                _log.info("trending not refreshed", extra={"because": error.message, "code": error.code})
            except Exception:  # a defect must not end the task: the held products would silently become outdated
                _log.exception("trending not refreshed")
            await asyncio.sleep(wait_s)
