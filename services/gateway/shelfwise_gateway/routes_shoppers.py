"""What shoppers do, and who they are: passed on to a ranker, which stores it."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from shelfwise.app import DirectRoute, body_of, json_body
from shelfwise.app.body import bounded_body
from shelfwise.app.identified import identified, in_utf8
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.event import Event, EventsResponse, RetractRequest, RetractResponse, events_schema
from shelfwise.contracts.shopper import EraseResponse, MergeRequest, MergeResponse
from shelfwise.deadline import Deadline
from shelfwise_gateway.openapi import bearer, body, errors, named
from shelfwise_gateway.state import state_of

DEADLINE_MS = 5_000
"""A shop would rather wait than lose an event; a write takes milliseconds, and longer only in a rush."""

hot_shoppers = APIRouter(route_class=DirectRoute, tags=["shoppers"])
shoppers_router = APIRouter(tags=["shoppers"])

_ERRORS: dict[int | str, dict[str, Any]] = errors(401) | {
    status: {"model": ErrorBody, "description": said}
    for status, said in {
        422: "A field is missing, unknown or out of range. The message says which. Nothing was stored.",
        429: "Too many events wait to be written. Nothing was stored. Retry-After says when to try again.",
        503: "No ranker or no database answers now. It is safe to send the request again.",
        504: "Not done before the deadline. It is safe to send the request again.",
    }.items()
}
_ERRORS_OF_A_BODY = (
    errors(400)
    | {408: {"model": ErrorBody, "description": "The body did not arrive in time. Nothing was stored."}}
    | errors(413)
    | _ERRORS
)


@hot_shoppers.post(
    "/events",
    summary="Send what shoppers did",
    status_code=202,
    response_model=EventsResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=json_body(events_schema(named(Event))),
)
async def events(request: Request) -> Response:
    """Send one event, or a list of up to 1,000. Once this is answered with 202, the events are stored, each of them once, and
    count at the next request. One invalid event refuses them all. It is harmless to send an event again: its `event_id`
    identifies it. Events of products that the catalog does not hold are kept and reported."""
    state = state_of(request)
    state["keys"].require(request)
    raw = await bounded_body(request)
    with state["event_admission"]:
        taken = await state["events"].take(raw, Deadline.after_ms(DEADLINE_MS))
    return Response(orjson.dumps(taken), 202, media_type="application/json")


@hot_shoppers.post(
    "/events/retract",
    summary="Retract events",
    response_model=RetractResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=body(RetractRequest),
)
async def retract(request: Request) -> Response:
    """Use it for an order that was cancelled, or for events that were sent by mistake: send up to 1,000 ids. Once this is
    answered, the events are in no history and no build reads them; within a fraction of a second, popularity and trend leave
    them out. An event that is sent again stays retracted, and one that arrives only later is not stored."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, RetractRequest)
    with state["event_admission"]:
        retracted = await state["events"].retract(orjson.dumps(asked.model_dump()), Deadline.after_ms(DEADLINE_MS))
    return Response(orjson.dumps(retracted), media_type="application/json")


@hot_shoppers.post(
    "/users/merge",
    summary="Merge a session into a user",
    response_model=MergeResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=body(MergeRequest),
)
async def merge(request: Request) -> Response:
    """Call it when a shopper logs in. What the session did, and will do, then belongs to the user."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, MergeRequest)
    with state["event_admission"]:
        merged = await state["events"].merge(orjson.dumps(asked.model_dump()), Deadline.after_ms(DEADLINE_MS))
    return Response(orjson.dumps(merged), media_type="application/json")


@shoppers_router.delete(
    identified("/users", "user_id"),
    summary="Forget a user",
    response_model=EraseResponse,
    responses=_ERRORS,
    dependencies=[bearer, in_utf8],
)
async def erase(
    request: Request, user_id: Annotated[str, Path(min_length=1, max_length=200, description="Your shop's id of the user.")]
) -> Response:
    """Deletes every event of the user and of the user's sessions, and the feature values that were logged for them. Every
    ranker takes back what it had counted. Bundles that were built before hold counts, and events under a hash of the id; the
    rankers leave the user out, and the next build makes a bundle without the user."""
    state = state_of(request)
    state["keys"].require(request)
    with state["event_admission"]:
        try:
            erased = await state["events"].erase(user_id, Deadline.after_ms(DEADLINE_MS))
        finally:  # a ranker that answers too late may have erased them
            state["last_good"].forget(user_id)
    return Response(orjson.dumps(erased), media_type="application/json")
