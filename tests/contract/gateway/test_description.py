"""What generators of typed clients need of the published OpenAPI description."""

from typing import Any

import pytest

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.product_write import ProductPatch
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings


@pytest.mark.parametrize("field", ["category", "brand"])
def test_a_filter_may_be_a_string_or_a_list(field: str) -> None:
    assert [kind["type"] for kind in Filter.model_json_schema()["properties"][field]["anyOf"]] == ["string", "array", "null"]


def test_fields_of_a_product_patch_have_no_default() -> None:
    fields = ProductPatch.model_json_schema()["properties"]
    assert fields.keys() == ProductPatch.model_fields.keys()
    assert [name for name, field in fields.items() if "default" in field] == []


def test_every_request_body_is_a_named_schema() -> None:
    """A generator skips a route whose body is an unnamed object or a list of them."""
    bodies: dict[str, Any] = {
        f"{method} {path}": operation["requestBody"]["content"]["application/json"]["schema"]
        for path, methods in create_app(GatewaySettings()).openapi()["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    event, events = bodies.pop("post /events")["oneOf"]
    assert event == events["items"] == {"$ref": "#/components/schemas/Event"}
    assert len(bodies) == 7
    assert [body.keys() for body in bodies.values()] == [{"$ref"}] * 7


def test_an_image_url_is_described_as_an_http_address() -> None:
    text, none = ProductPatch.model_json_schema()["properties"]["image_url"]["anyOf"]
    assert (text, none["type"]) == ({"type": "string", "maxLength": 2000, "pattern": r"^https?://[^\s/]+"}, "null")
