"""POST /rank."""

from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Request, Response

from shelfwise.app import Live, answer, body_of
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.rank import RankRequest, RankResponse
from shelfwise.deadline import HEADER, Deadline
from shelfwise_ranker.feature_log import FeatureLog
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.worker import Worker

router = APIRouter(tags=["ranking"])


class RankerState(TypedDict):
    """What the lifespan hands to every request."""

    live: Live[Ranker]
    worker: Worker
    feature_log: FeatureLog | None


def served(request: Request) -> Ranker:
    """The live bundle's ranker; NotReady while there is none."""
    live: Live[Ranker] = request.state.live
    return live.engine


def deadline_of(request: Request) -> Deadline | None:
    """The caller's deadline, if it gave one.

    Raises:
        InvalidRequest: the header is not a whole number of milliseconds.
    """
    return Deadline.from_header(request.headers.get(HEADER))


@router.post(
    "/rank",
    summary="Score candidates",
    response_model=RankResponse,
    responses={status: {"model": ErrorBody} for status in (400, 413, 422, 429, 503, 504)},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": RankRequest.model_json_schema()}}}
    },
)
async def rank(
    request: Request,
    ranker: Annotated[Ranker, Depends(served)],
    deadline: Annotated[Deadline | None, Depends(deadline_of)],
) -> Response:
    """Higher scores are better. Give the milliseconds you still wait in the header `x-deadline-ms`."""
    asked = await body_of(request, RankRequest)
    worker: Worker = request.state.worker
    feature_log: FeatureLog | None = request.state.feature_log

    def work() -> RankResponse:
        ranking = ranker.rank(asked)
        if feature_log is not None:
            feature_log.note(asked, ranking)
        return ranking.response

    return answer(await worker.run(work, deadline))
