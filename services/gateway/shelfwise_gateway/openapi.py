"""What FastAPI cannot know of a route that reads its body itself."""

from typing import Any

from fastapi import FastAPI

from shelfwise.contracts.recommend import RecommendRequest

_REF = "#/components/schemas/{model}"


def document_request(app: FastAPI) -> None:
    """Adds the schemas of `RecommendRequest`, whose route reads its body itself, to the application's description."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = RecommendRequest.model_json_schema(ref_template=_REF)
            parts = schema.pop("$defs", {})
            generate()["components"]["schemas"].update({**parts, "RecommendRequest": schema})
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]
