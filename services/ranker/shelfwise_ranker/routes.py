"""POST /rank."""

from collections.abc import Awaitable

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, answer, body_of, json_body
from shelfwise.context import request_id
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.rank import RankRequest, RankResponse
from shelfwise.deadline import Deadline
from shelfwise_ranker.rank import Ranker, Ranking
from shelfwise_ranker.state import state_of

router = APIRouter(route_class=DirectRoute, tags=["ranking"])


def served(request: Request) -> Ranker:
    """The ranker of the served bundle; raises NotReady while there is none."""
    return state_of(request)["live"].engine


@router.post(
    "/rank",
    summary="Score candidates",
    response_model=RankResponse,
    responses={status: {"model": ErrorBody} for status in (400, 413, 422, 429, 503, 504)},
    openapi_extra=json_body(RankRequest.model_json_schema()),
)
async def rank(request: Request) -> Response:
    """Higher scores are better. Give the milliseconds you still wait in the header `x-deadline-ms`."""
    ranker, deadline = served(request), Deadline.of(request.headers)
    asked = await body_of(request, RankRequest)
    state = state_of(request)
    feature_log = state["feature_log"]

    def work() -> Ranking:
        if feature_log is None or not feature_log.wants(request_id.get()):
            return ranker.scored(asked)
        ranking = ranker.scored(asked, complete=True)
        feature_log.note(request_id.get(), ranking)
        return ranking

    def ranked() -> Awaitable[Ranking]:
        return state["compute"].run(work, deadline)

    if not (asked.explain or asked.explain_ids):
        return answer((await ranked()).response)
    most = min(len(asked.ids), asked.explain + len(asked.explain_ids))
    return answer((await state["explaining"].run(ranked, most, deadline)).response)
