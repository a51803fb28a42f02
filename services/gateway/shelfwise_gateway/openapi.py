"""What FastAPI cannot know of a route that reads its body itself, and what several routes say alike."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from shelfwise.app import json_body
from shelfwise.contracts.batch import BatchRequest
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.event import Event, RetractRequest
from shelfwise.contracts.product_write import ProductPatch, ProductWrite
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.contracts.rerank import RerankRequest
from shelfwise.contracts.shopper import MergeRequest

_REF = "#/components/schemas/{model}"
_READ_BY_ROUTES: tuple[type[BaseModel], ...] = (
    RecommendRequest,
    BatchRequest,
    RerankRequest,
    Event,
    RetractRequest,
    MergeRequest,
    ProductWrite,
    ProductPatch,
)

# Documents the scheme; ApiKeys checks it.
bearer = Depends(HTTPBearer(auto_error=False, scheme_name="api_key", description="Required if the operator set API keys."))

_SAID = {
    400: "The body is not JSON.",
    401: "API keys are set and the request has none of them; or none are set and a web page of another site sent it.",
    404: "The catalog does not hold the product.",
    408: "The body did not arrive in time.",
    409: "The retriever has no database, so nothing can be written.",
    413: "The body is too large.",
    422: "A field is missing, unknown or out of range. The message says which.",
    429: "Too many requests at the same time. Retry-After says when to try again.",
    503: "No answer is possible now. Retry-After says when to try again.",
    504: "No answer before the deadline.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route."""
    return {status: {"model": ErrorBody, "description": _SAID[status]} for status in statuses}


def named(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema by its name, which generated clients take; `document_requests` must know the model."""
    return {"$ref": _REF.format(model=model.__name__)}


def body(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route that reads it itself; `document_requests` must know the model."""
    return json_body(named(model))


def document_requests(app: FastAPI) -> None:
    """Adds the schemas of requests whose routes read the body themselves to the application's description."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for model in _READ_BY_ROUTES:
                schema = model.model_json_schema(ref_template=_REF)
                parts = schema.pop("$defs", {})
                generate()["components"]["schemas"].update({**parts, model.__name__: schema})
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]
