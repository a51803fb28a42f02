"""Shoppers' histories, events and identities: /context, /events, /events/retract, /users/merge, /users/erase."""

from typing import Any

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, answer, body_of, json_body
from shelfwise.app.body import bounded_body
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.event import Event, EventsResponse, RetractRequest, RetractResponse, events_schema
from shelfwise.contracts.history import ContextRequest, ContextResponse
from shelfwise.contracts.shopper import EraseRequest, EraseResponse, MergeRequest, MergeResponse
from shelfwise.deadline import Deadline
from shelfwise.errors import DatabaseUnavailable
from shelfwise_ranker.shoppers import context, people, retracting
from shelfwise_ranker.shoppers.body import events_of
from shelfwise_ranker.shoppers.database import Database
from shelfwise_ranker.state import state_of

hot = APIRouter(route_class=DirectRoute, tags=["shoppers"])


_NONE = (
    "expected DATABASE_URL to be set, found it empty; set it and restart the ranker, which otherwise has no histories and "
    "takes no events"
)

_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 413, 422, 429, 503, 504)}


def database_of(request: Request) -> Database:
    """The database.

    Raises:
        DatabaseUnavailable: this ranker has none.
    """
    database = state_of(request)["database"]
    if database is None:
        raise DatabaseUnavailable(_NONE)
    return database


@hot.post(
    "/context",
    summary="What a shopper did so far",
    response_model=ContextResponse,
    responses=_ERRORS,
    openapi_extra=json_body(ContextRequest.model_json_schema()),
)
async def shopper_context(request: Request) -> Response:
    """The history of a user, of a session, or of both together; whatever was answered with 202 before is in it, and nothing
    that is known to be another user's."""
    deadline = Deadline.of(request.headers)
    asked = await body_of(request, ContextRequest)
    return answer(ContextResponse.model_construct(history=await context.history(database_of(request), asked, deadline)))


@hot.post(
    "/events",
    summary="Store what shoppers did",
    status_code=202,
    response_model=EventsResponse,
    responses=_ERRORS,
    openapi_extra=json_body(events_schema(Event.model_json_schema())),
)
async def take_events(request: Request) -> Response:
    """One event, or a list of up to 1,000. All are stored, once each, when this answers; a wrong one refuses them all."""
    deadline = Deadline.of(request.headers)
    events = events_of(await bounded_body(request))
    writer = state_of(request)["events"]
    if writer is None:
        raise DatabaseUnavailable(_NONE)
    return answer(await writer.write(events, deadline), 202)


@hot.post(
    "/events/retract",
    summary="Take events back",
    response_model=RetractResponse,
    responses=_ERRORS,
    openapi_extra=json_body(RetractRequest.model_json_schema()),
)
async def retract(request: Request) -> Response:
    """Gone from every history when this answers and, within a fraction of a second, from the counts of every ranker."""
    deadline = Deadline.of(request.headers)
    asked = await body_of(request, RetractRequest)
    return answer(await retracting.retract(database_of(request), asked.event_ids, deadline))


@hot.post(
    "/users/merge",
    summary="Make a session a user",
    response_model=MergeResponse,
    responses=_ERRORS,
    openapi_extra=json_body(MergeRequest.model_json_schema()),
)
async def merge(request: Request) -> Response:
    """The session's events become the user's, past and future ones."""
    deadline = Deadline.of(request.headers)
    asked = await body_of(request, MergeRequest)
    return answer(await people.merge(database_of(request), asked, deadline))


@hot.post(
    "/users/erase",
    summary="Forget a user",
    response_model=EraseResponse,
    responses=_ERRORS,
    openapi_extra=json_body(EraseRequest.model_json_schema()),
)
async def erase(request: Request) -> Response:
    """Gone from events, logged requests and, within a fraction of a second, from the counts of every ranker."""
    deadline = Deadline.of(request.headers)
    asked = await body_of(request, EraseRequest)
    return answer(await people.erase(database_of(request), asked.user_id, deadline))
