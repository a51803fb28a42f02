"""The retriever's routes."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from shelfwise.app import Live, body_of
from shelfwise.contracts.product import Product
from shelfwise.contracts.retrieve import RetrieveRequest, RetrieveResponse
from shelfwise.deadline import HEADER, Deadline
from shelfwise_retriever.served import Served
from shelfwise_retriever.work import Workers

router = APIRouter(tags=["retrieval"])

_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": RetrieveRequest.model_json_schema()}}}
}


async def served(request: Request) -> Served:
    """The live bundle's retriever; NotReady while there is none."""
    live: Live[Served] = request.state.live
    return live.engine


async def deadline_of(request: Request) -> Deadline | None:
    """The caller's, from its header."""
    return Deadline.from_header(request.headers.get(HEADER))


ServedNow = Annotated[Served, Depends(served)]
Until = Annotated[Deadline | None, Depends(deadline_of)]


@router.post("/retrieve", summary="Who could be recommended", response_model=RetrieveResponse, openapi_extra=_BODY)
async def retrieve(request: Request, live: ServedNow, deadline: Until) -> Response:
    """Candidates of every source, filtered, in columns, with what the shop said of each. 429 when too much waits already."""
    asked = await body_of(request, RetrieveRequest)
    workers: Workers = request.state.workers
    return Response(await workers.run(partial(live.answer, asked), deadline), media_type="application/json")


@router.get("/products/{product_id:path}", summary="One product", response_model=Product)
async def product(product_id: str, live: ServedNow) -> Response:
    """What the shop said of it, absent fields left out."""
    catalog = live.retriever.catalog
    return Response(catalog.json_of(catalog.row(product_id)), media_type="application/json")
