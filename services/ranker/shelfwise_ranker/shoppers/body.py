"""The body of POST /events: one event, or a list of them."""

import time
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from shelfwise.contracts.event import EARLIEST, MAX_AHEAD_S, MAX_EVENTS, Event
from shelfwise.errors import InvalidRequest, MalformedBody
from shelfwise.validation import problems_of, sentence

_LIST = TypeAdapter(Annotated[list[Event], Field(max_length=MAX_EVENTS)])
_TOLD = 5


def events_of(raw: bytes) -> list[Event]:
    """The events of a body, in its order. One invalid event rejects them all, so that nothing is half stored.

    Raises:
        MalformedBody: not JSON.
        InvalidRequest: no event, too many, or an invalid one; the message says which, counted from 0, and why.
    """
    several = raw.lstrip()[:1] == b"["
    try:
        events = _LIST.validate_json(raw) if several else [Event.model_validate_json(raw)]
    except ValidationError as error:
        raise _refused(problems_of(error), several) from None
    if not events:
        raise InvalidRequest(f"expected 1 to {MAX_EVENTS} events, found 0")
    latest = time.time() + MAX_AHEAD_S
    for place, event in enumerate(events):
        if event.timestamp < EARLIEST or event.timestamp.timestamp() > latest:
            where = f"[{place}].timestamp" if several else "timestamp"
            raise InvalidRequest(
                f"{where}: expected a time not before {EARLIEST:%Y} and at most {MAX_AHEAD_S / 60:.0f} minutes ahead of this "
                f"server's clock, found {event.timestamp.isoformat()}; check the sender's clock and time zone"
            )
    return events


def _refused(problems: list[Any], several: bool) -> Exception:
    if problems[0]["type"] == "json_invalid":
        return MalformedBody(f"expected an event or a list of events in JSON, found something else: {problems[0]['msg']}")
    if problems[0]["type"] == "too_long":
        return InvalidRequest(
            f"expected 1 to {MAX_EVENTS} events, found {len(problems[0]['input'])}; send them in several calls"
        )
    if not several:
        return InvalidRequest("; ".join(sentence(problem, Event) for problem in problems[:_TOLD]))
    told = [_of_one(problem) for problem in problems[:_TOLD]]
    more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
    return InvalidRequest("; ".join(told) + more)


def _of_one(problem: Any) -> str:
    place, *within = problem["loc"]
    said = sentence({**problem, "loc": within}, Event)
    return f"[{place}].{said}" if within else f"[{place}]{said.removeprefix('the body')}"
