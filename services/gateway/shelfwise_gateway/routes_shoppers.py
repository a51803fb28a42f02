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
from shelfwise_gateway.openapi import bearer, body, named
from shelfwise_gateway.state import state_of

DEADLINE_MS = 5_000
"""A shop would rather wait than lose an event; a write takes milliseconds, and longer only in a rush."""

hot_shoppers = APIRouter(route_class=DirectRoute, tags=["shoppers"])
shoppers_router = APIRouter(tags=["shoppers"])

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": said}
    for status, said in {
        401: "API keys are set and none of them was given; or none is set, and the page of another site asks.",
        422: "A field is missing, unknown or out of range; the message says which. Nothing was stored.",
        429: "Too many events wait to be written; see Retry-After. Nothing was stored.",
        503: "No ranker, or no database, answers now; sending it again is safe.",
        504: "Not done before the deadline; sending it again is safe.",
    }.items()
}
_ERRORS_OF_A_BODY = {
    400: {"model": ErrorBody, "description": "Not JSON."},
    408: {"model": ErrorBody, "description": "The body did not arrive in time. Nothing was stored."},
    413: {"model": ErrorBody, "description": "The body is too large."},
} | _ERRORS


@hot_shoppers.post(
    "/events",
    summary="Tell what shoppers did",
    status_code=202,
    response_model=EventsResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=json_body(events_schema(named(Event))),
)
async def events(request: Request) -> Response:
    """One event, or a list of up to 1,000. When this answers 202 they are stored, once each, and count at the next request; a
    wrong one refuses them all. Sending an event again is harmless: its `event_id` tells. Events of products that the catalog
    does not hold are kept and reported."""
    state = state_of(request)
    state["keys"].require(request)
    raw = await bounded_body(request)
    with state["event_admission"]:
        taken = await state["events"].take(raw, Deadline.after_ms(DEADLINE_MS))
    return Response(orjson.dumps(taken), 202, media_type="application/json")


@hot_shoppers.post(
    "/events/retract",
    summary="Take events back",
    response_model=RetractResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=body(RetractRequest),
)
async def retract(request: Request) -> Response:
    """For an order that was cancelled, or what was sent by mistake: up to 1,000 events by their ids. When this answers they are
    in no history, within a fraction of a second popularity and trend are without them, and no build reads them. An event that
    is sent again stays taken back, and one that comes only later is not stored."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, RetractRequest)
    with state["event_admission"]:
        retracted = await state["events"].retract(orjson.dumps(asked.model_dump()), Deadline.after_ms(DEADLINE_MS))
    return Response(orjson.dumps(retracted), media_type="application/json")


@hot_shoppers.post(
    "/users/merge",
    summary="A session becomes a user",
    response_model=MergeResponse,
    responses=_ERRORS_OF_A_BODY,
    dependencies=[bearer],
    openapi_extra=body(MergeRequest),
)
async def merge(request: Request) -> Response:
    """Call it when a shopper logs in: what the session did, and will do, is the user's."""
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
    request: Request, user_id: Annotated[str, Path(min_length=1, max_length=200, description="The shop's own identifier.")]
) -> Response:
    """Deletes every event of the user, of the sessions that were the user's, and the feature values that were logged for them;
    every ranker takes back what it had counted. Bundles hold numbers only, and lose those with the next build."""
    state = state_of(request)
    state["keys"].require(request)
    with state["event_admission"]:
        try:
            erased = await state["events"].erase(user_id, Deadline.after_ms(DEADLINE_MS))
        finally:  # a ranker that answers too late may have erased them
            state["last_good"].forget(user_id)
    return Response(orjson.dumps(erased), media_type="application/json")
