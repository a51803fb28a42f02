"""Products are written through these routes; one retriever commits them, and all of them follow."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from shelfwise.app.body import bounded_body, pieces_of
from shelfwise.app.identified import identified, in_utf8
from shelfwise.contracts.product_write import AppliedChanges, ProductPatch, ProductWrite, ProductWritten
from shelfwise.deadline import Deadline
from shelfwise_gateway.openapi import bearer, body, errors
from shelfwise_gateway.state import state_of

WRITE_DEADLINE_MS = 10_000
"""A new text is embedded before it is committed; behind a bulk of others that takes its time."""

BULK_DEADLINE_MS = 600_000
"""Ten thousand new texts, at 5 ms each for one embedder that answers shoppers as well."""

CHANGES_DEADLINE_MS = 1_000
_NDJSON = "application/x-ndjson"

router = APIRouter(tags=["catalog"], dependencies=[bearer, in_utf8])

ProductPath = Annotated[str, Path(min_length=1, max_length=200, description="Your shop's id of the product.")]

_ERRORS = errors(401, 409, 422, 429, 503, 504)
_ERRORS_OF_A_BODY = errors(400, 408, 413) | _ERRORS


async def _write(request: Request, product_id: str, *, with_body: bool = True) -> Response:
    """The retriever checks the body, so that there is one set of rules; here only its size matters."""
    state = state_of(request)
    state["keys"].require(request)
    given = await bounded_body(request) if with_body else None
    with state["admission"]:
        written = await state["retriever"].write(request.method, product_id, given, Deadline.after_ms(WRITE_DEADLINE_MS))
    return _json(written)


@router.put(
    identified("/products", "product_id"),
    summary="Write a whole product",
    response_model=ProductWritten,
    responses=_ERRORS_OF_A_BODY,
    openapi_extra=body(ProductWrite),
)
async def put(request: Request, product_id: ProductPath) -> Response:
    """The call is answered once the product is committed. `seq` is the number of the change. Answers of a retriever that has
    applied this change (`GET /changes`) reflect it. Fields that you leave out are unknown afterwards, with two exceptions:
    `in_stock` is then true; `created_at` stays as it was, and is the current time for a new product."""
    return await _write(request, product_id)


@router.patch(
    identified("/products", "product_id"),
    summary="Change some fields of a product",
    response_model=ProductWritten,
    responses=_ERRORS_OF_A_BODY | errors(404),
    openapi_extra=body(ProductPatch),
)
async def patch(request: Request, product_id: ProductPath) -> Response:
    """Only the given fields change (RFC 7396). `null` clears a field. In `attributes`, only the named ones change."""
    return await _write(request, product_id)


@router.delete(
    identified("/products", "product_id"),
    summary="Delete a product",
    response_model=ProductWritten,
    responses=_ERRORS | errors(404),
)
async def delete(request: Request, product_id: ProductPath) -> Response:
    """The product is no longer recommended. Its events are kept."""
    return await _write(request, product_id, with_body=False)


@router.post(
    "/products:bulk",
    summary="Write many products",
    response_class=Response,
    responses={
        **errors(401, 408, 409, 429, 503, 504),
        200: {
            "description": "A report for each line, with `line`, `product_id`, `result` (kept, unchanged or refused) and "
            "`seq`, or `code` and `reason` if it was refused. The last line has the `summary`.",
            "content": {_NDJSON: {"schema": {"type": "string"}}},
        },
    },
    openapi_extra={"requestBody": {"required": True, "content": {_NDJSON: {"schema": {"type": "string"}}}}},
)
async def write_many(request: Request) -> Response:
    """Send NDJSON with at most 10,000 lines, each a whole product with its `product_id`. Lines are committed as they arrive. A
    line that is refused does not affect the others."""
    state = state_of(request)
    state["keys"].require(request)
    with state["bulk_admission"]:
        report = await state["retriever"].write_many(pieces_of(request), Deadline.after_ms(BULK_DEADLINE_MS))
    return Response(report, media_type=_NDJSON)


@router.get(
    "/changes",
    summary="Show how far the catalog's changes are applied",
    response_model=AppliedChanges,
    responses=errors(401, 409, 429, 503, 504),
)
async def changes(request: Request) -> Response:
    """Every answer that begins now has every change up to `applied`, whichever of the `replicas` gives it. `replicas` is the
    number of retrievers that were asked: those whose addresses the gateway knows individually."""
    state = state_of(request)
    state["keys"].require(request)
    with state["admission"]:
        said = await state["retriever"].changes(Deadline.after_ms(CHANGES_DEADLINE_MS))
    problems = [one["problem"] for one in said if one.get("problem")]
    answer: dict[str, Any] = {"applied": min(one["applied"] for one in said), "replicas": len(said)}
    return _json({**answer, "problem": problems[0]} if problems else answer)


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), media_type="application/json")
