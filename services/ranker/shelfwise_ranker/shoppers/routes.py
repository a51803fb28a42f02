"""POST /context: what a shopper did."""

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, answer, body_of
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.history import ContextRequest, ContextResponse
from shelfwise.deadline import HEADER, Deadline
from shelfwise.errors import NoDatabase
from shelfwise_ranker.shoppers import context
from shelfwise_ranker.shoppers.database import Database

hot = APIRouter(route_class=DirectRoute, tags=["shoppers"])


def database_of(request: Request) -> Database:
    """The database.

    Raises:
        NoDatabase: this ranker was given none.
    """
    database: Database | None = request.state.database
    if database is None:
        raise NoDatabase("expected DATABASE_URL to be set, found it empty; without it there are no histories and no new events")
    return database


@hot.post(
    "/context",
    summary="What a shopper did so far",
    response_model=ContextResponse,
    responses={status: {"model": ErrorBody} for status in (400, 413, 422, 429, 503, 504)},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": ContextRequest.model_json_schema()}}}
    },
)
async def shopper_context(request: Request) -> Response:
    """The history of a user, of a session, or of both together; whatever was answered with 202 before is in it."""
    deadline = Deadline.from_header(request.headers.get(HEADER))
    asked = await body_of(request, ContextRequest)
    return answer(ContextResponse.model_construct(history=await context.history(database_of(request), asked, deadline)))
