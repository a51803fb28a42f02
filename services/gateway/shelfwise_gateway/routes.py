"""The public API."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response

from shelfwise.app import DirectRoute, body_of
from shelfwise.app.identified import identified, in_utf8
from shelfwise.contracts.product import Product
from shelfwise.contracts.recommend import RecommendRequest, RecommendResponse
from shelfwise.deadline import Deadline
from shelfwise_gateway.answer_id import own_id
from shelfwise_gateway.openapi import bearer, body, errors
from shelfwise_gateway.state import state_of

PRODUCT_DEADLINE_MS = 300


hot = APIRouter(route_class=DirectRoute, tags=["recommendations"])
router = APIRouter(tags=["catalog"])


@hot.post(
    "/recommend",
    summary="Recommend products for a text, a product, a cart or a shopper",
    response_model=RecommendResponse,
    responses=errors(400, 401, 404, 408, 413, 422, 429, 503, 504),
    dependencies=[bearer],
    openapi_extra=body(RecommendRequest),
)
async def recommend(request: Request) -> Response:
    """The fields that you send decide what you get:

    - `product_name`: products for this text
    - `product_id`: products that are like it
    - `cart`: what is bought with it
    - `user_id` or `session_id` alone: what this shopper wants next

    With `scenario` you ask for something else by name.

    In the answer, `recommendations` has the names alone, and `items` has all that is known except the descriptions. If a
    service behind the gateway is down, you get a poorer answer rather than none: `degraded` then names what was left out."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, RecommendRequest)
    chosen = state["scenarios"].choose(asked)
    with state["admission"], own_id(request, chosen.label):
        answer = await state["recommender"].recommend(asked, chosen, Deadline.after_ms(asked.deadline_ms))
    return Response(answer, media_type="application/json")


@router.get(
    identified("/products", "product_id"),
    summary="Get a product of the catalog",
    response_model=Product,
    responses=errors(401, 404, 422, 429, 503, 504),
    dependencies=[bearer, in_utf8],
)
async def product(
    request: Request,
    product_id: Annotated[str, Path(min_length=1, max_length=200, description="Your shop's id of the product.")],
) -> Response:
    """What your shop sent about the product. Fields without a value are absent."""
    state = state_of(request)
    state["keys"].require(request)
    with state["admission"]:
        found = await state["retriever"].product(product_id, Deadline.after_ms(PRODUCT_DEADLINE_MS))
    return Response(orjson.dumps(found), media_type="application/json")
