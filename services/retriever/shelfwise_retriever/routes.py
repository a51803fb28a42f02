"""The retriever's routes."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, body_of, json_body
from shelfwise.app.identified import identified
from shelfwise.contracts.product import Product
from shelfwise.contracts.retrieve import RetrieveRequest, RetrieveResponse
from shelfwise.deadline import Deadline
from shelfwise_retriever.served import Served
from shelfwise_retriever.state import state_of

hot = APIRouter(route_class=DirectRoute, tags=["retrieval"])
router = APIRouter(tags=["catalog"])

_BODY: dict[str, Any] = json_body(RetrieveRequest.model_json_schema())


def served(request: Request) -> Served:
    """The live bundle's retriever; NotReady while there is none."""
    return state_of(request)["live"].engine


@hot.post("/retrieve", summary="Who could be recommended", response_model=RetrieveResponse, openapi_extra=_BODY)
async def retrieve(request: Request) -> Response:
    """Candidates of every source, filtered, in columns, with what the shop said of each. 429 when too much waits already."""
    live, deadline = served(request), Deadline.of(request.headers)
    asked = await body_of(request, RetrieveRequest)
    return Response(
        await state_of(request)["compute"].run(partial(live.answer, asked), deadline), media_type="application/json"
    )


@router.get(identified("/products", "product_id"), summary="One product", response_model=Product)
async def product(request: Request, product_id: str) -> Response:
    """What the shop said of it, absent fields left out."""
    catalog = served(request).retriever.catalog
    return Response(catalog.json_of(catalog.row(product_id)), media_type="application/json")
