"""Products are written here; reading one is in `routes`."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from shelfwise.app import answer, body_of, json_body
from shelfwise.app.identified import identified
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.product_write import AppliedChanges, ProductPatch, ProductWrite, ProductWritten
from shelfwise.errors import InvalidRequest, ReadOnly
from shelfwise_retriever.living import Living
from shelfwise_retriever.state import state_of
from shelfwise_retriever.writing.bulk import bulk, report_of
from shelfwise_retriever.writing.merging import Write

router = APIRouter(tags=["catalog"])

ProductPath = Annotated[ProductId, Path()]


def _living(request: Request) -> Living:
    living = state_of(request)["living"]
    if living is None:
        raise ReadOnly("this retriever has no database, so products cannot be written; set DATABASE_URL and start it again")
    return living


@router.put(
    identified("/products", "product_id"),
    summary="Write a whole product",
    response_model=ProductWritten,
    openapi_extra=json_body(ProductWrite.model_json_schema()),
)
async def put(request: Request, product_id: ProductPath) -> Response:
    """Answers once it is committed."""
    living, product = _living(request), await body_of(request, ProductWrite)
    if product.product_id not in (None, product_id):
        raise InvalidRequest(f"product_id: expected {product_id!r} as in the address, found {product.product_id!r}")
    return answer(await living.write(Write.put(product_id, product)))


@router.patch(
    identified("/products", "product_id"),
    summary="Change some fields",
    response_model=ProductWritten,
    openapi_extra=json_body(ProductPatch.model_json_schema()),
)
async def patch(request: Request, product_id: ProductPath) -> Response:
    """Answers once it is committed."""
    living, fields = _living(request), await body_of(request, ProductPatch)
    return answer(await living.write(Write.patch(product_id, fields)))


@router.delete(identified("/products", "product_id"), summary="Delete a product", response_model=ProductWritten)
async def delete(request: Request, product_id: ProductPath) -> Response:
    """Answers once it is committed."""
    return answer(await _living(request).write(Write.delete(product_id)))


@router.post("/products:bulk", summary="Write many products", response_class=Response)
async def write_many(request: Request) -> Response:
    """NDJSON in, a report a line; each line is committed when its report says so."""
    living = _living(request)
    reports = await bulk(request.stream(), living.writer)
    await living.taken_in(max((report.seq or 0 for report in reports), default=0))
    return Response(report_of(reports), media_type="application/x-ndjson")


@router.get("/changes", summary="How far the catalog's log is applied", response_model=AppliedChanges)
async def changes(request: Request) -> Response:
    """Every change up to that number is in this retriever's answers."""
    living = _living(request)
    changing = living.served().changing
    return answer(AppliedChanges(applied=changing.last_change if changing else 0, problem=living.follower.problem))
