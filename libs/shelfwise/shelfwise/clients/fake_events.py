"""A stand-in for the event store, for tests: it remembers events by their ids."""

from typing import Any

import orjson

from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError


class FakeEvents:
    """If `fault` is set, every call fails with it."""

    def __init__(self) -> None:
        self.fault: ShelfwiseError | None = None
        self.stored: dict[str, dict[str, Any]] = {}
        self.retracted: dict[str, bool] = {}
        """Retracted ids, and whether there was such an event."""

    async def take(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        self._fail()
        sent = orjson.loads(body)
        events = sent if isinstance(sent, list) else [sent]
        before = len(self.stored)
        for event in events:
            if event["event_id"] not in self.retracted:
                self.stored.setdefault(event["event_id"], event)
        new = len(self.stored) - before
        return {"accepted": new, "duplicates": len(events) - new, "conflicting": [], "unknown_products": []}

    async def retract(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        self._fail()
        asked = set(orjson.loads(body)["event_ids"])
        found = {key for key in asked if self.stored.pop(key, None) is not None}
        known = {key for key in asked if self.retracted.get(key)}
        self.retracted |= {key: key in found | known for key in asked}
        unknown = sorted(asked - found - known)
        return {"retracted": len(found), "already_retracted": len(known), "unknown_events": unknown}

    async def merge(self, body: bytes, deadline: Deadline) -> dict[str, Any]:
        self._fail()
        asked = orjson.loads(body)
        theirs = [event for event in self.stored.values() if event.get("session_id") == asked["session_id"]]
        anonymous = [event for event in theirs if event.get("user_id") is None]
        for event in anonymous:
            event["user_id"] = asked["user_id"]
        return {"events": len(anonymous)}

    async def erase(self, user_id: str, deadline: Deadline) -> dict[str, Any]:
        self._fail()
        theirs = [key for key, event in self.stored.items() if event.get("user_id") == user_id]
        for key in theirs:
            del self.stored[key]
        return {"events": len(theirs), "sessions": 0, "logged_requests": 0}

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault
