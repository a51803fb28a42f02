"""A caller that has sent only half of its body does not keep others out."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.support.living import event
from tests.unit.gateway.catalog import Fakes


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/recommend", {"product_name": "nail"}),
        ("POST", "/rerank", {"product_name": "nail", "candidates": ["1"]}),
        ("POST", "/events", event("e1")),
        ("POST", "/events/retract", {"event_ids": ["e1"]}),
        ("POST", "/users/merge", {"session_id": "s", "user_id": "u"}),
        ("PUT", "/products/1", {"title": "Red"}),
    ],
)
async def test_a_half_sent_body_takes_no_place_in_flight(method: str, path: str, body: dict[str, Any]) -> None:
    async with service_client(create_app(GatewaySettings(max_in_flight=1), Fakes().connect)) as client:
        whole = orjson.dumps(body)

        async def haltingly() -> AsyncIterator[bytes]:
            yield whole[:5]
            assert (await client.request(method, path, content=whole)).is_success
            yield whole[5:]

        assert (await client.request(method, path, content=haltingly())).is_success
