"""POST /rerank."""

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, body_of
from shelfwise.contracts.answer_id import RERANKED
from shelfwise.contracts.rerank import RerankRequest, RerankResponse
from shelfwise.deadline import Deadline
from shelfwise_gateway.answer_id import own_id
from shelfwise_gateway.openapi import bearer, body, errors
from shelfwise_gateway.state import state_of

hot_rerank = APIRouter(route_class=DirectRoute, tags=["recommendations"])


@hot_rerank.post(
    "/rerank",
    summary="Put your own list in the best order",
    response_model=RerankResponse,
    responses=errors(400, 401, 404, 408, 413, 422, 429, 503, 504),
    dependencies=[bearer],
    openapi_extra=body(RerankRequest),
)
async def rerank(request: Request) -> Response:
    """The answer has every candidate that the catalog holds and the filter lets through, best first. `unknown` names the
    candidates that the catalog does not hold. A product that you ask about, by `product_id` or in `cart`, is not in the
    answer. A candidate whose id is the `product_name` comes first."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, RerankRequest)
    with state["admission"], own_id(request, RERANKED):
        answer = await state["reranker"].rerank(asked, Deadline.after_ms(asked.deadline_ms))
    return Response(answer, media_type="application/json")
