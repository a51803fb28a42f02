"""The event store, as its callers use it: any replica of the ranker."""

from typing import Any, Protocol

import orjson

from shelfwise.clients.http import ServiceClient
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable


class Events(Protocol):
    """Stores events, and knows whose they are."""

    async def take(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        """Store the events of `body`, one or a list in JSON; returns `contracts.event.EventsResponse` once they are
        committed."""
        ...

    async def retract(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        """Retract events, `contracts.event.RetractRequest` in JSON; returns `contracts.event.RetractResponse`."""
        ...

    async def merge(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        """Make a session a user, `contracts.shopper.MergeRequest` in JSON; returns `contracts.shopper.MergeResponse`."""
        ...

    async def erase(self, user_id: str, deadline: Deadline) -> dict[str, Any]:
        """Forget a user; returns `contracts.shopper.EraseResponse`."""
        ...


class EventsClient:
    """The ranker over HTTP. All calls may be carried out twice without harm, so they are repeated after a lost connection."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def take(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        return _object(await self._service.post("/events", body, deadline))

    async def retract(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        return _object(await self._service.post("/events/retract", body, deadline))

    async def merge(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        return _object(await self._service.post("/users/merge", body, deadline))

    async def erase(self, user_id: str, deadline: Deadline) -> dict[str, Any]:
        body = orjson.dumps({"user_id": user_id})
        return _object(await self._service.post("/users/erase", body, deadline))


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise UpstreamUnavailable(
            f"expected an object from the ranker, found {type(answer).__name__}; run the same release of both"
        )
    return answer
