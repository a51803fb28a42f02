"""Product writes through the gateway: passed on unchanged, protected by the keys, with the retriever's reports."""

import orjson
import pytest
from pydantic import SecretStr

from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.product_write import AppliedChanges, ProductWritten
from shelfwise.errors import DatabaseUnavailable, InvalidRequest, Overloaded, ReadOnly, ShelfwiseError
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.unit.gateway.catalog import Fakes

WRITES = (
    ("PUT", "/products/1", b'{"title": "Red"}'),
    ("PATCH", "/products/1", b'{"price": 1}'),
    ("DELETE", "/products/1", b""),
    ("POST", "/products:bulk", b'{"product_id": "1", "title": "Red"}'),
    ("GET", "/changes", b""),
)


async def test_a_product_can_be_put_patched_read_and_deleted() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        put = await client.put("/products/a%2Fb", json={"title": "Kettle", "price": 3})
        assert ProductWritten.model_validate_json(put.content) == ProductWritten(product_id="a/b", result="kept", seq=1)
        assert (await client.patch("/products/a%2Fb", json={"price": 4})).json()["seq"] == 2
        assert (await client.get("/products/a%2Fb")).json() == {"product_id": "a/b", "title": "Kettle", "price": 4}
        assert (await client.delete("/products/a%2Fb")).json()["result"] == "deleted"
        missing = await client.delete("/products/a%2Fb")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "unknown_product")
        assert AppliedChanges.model_validate_json((await client.get("/changes")).content) == AppliedChanges(
            applied=2, replicas=2, problem="behind"
        )


async def test_a_product_id_with_a_line_end_differs_from_the_one_without() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        assert (await client.put("/products/1%0A", json={"title": "Kettle"})).json()["product_id"] == "1\n"
        assert (await client.patch("/products/1%0A", json={"price": 4})).json()["product_id"] == "1\n"
        assert (await client.get("/products/1%0A")).json() == {"product_id": "1\n", "title": "Kettle", "price": 4}
        assert (await client.delete("/products/1%0A")).json()["product_id"] == "1\n"
        assert "1" in fakes.retriever.products


async def test_ids_that_are_not_utf_8_are_refused() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        for method, path in (("PUT", "/products/K%F6ln"), ("GET", "/products/K%F6ln"), ("DELETE", "/users/K%F6ln")):
            refused = await client.request(method, path, content=b'{"title": "Lamp"}')
            assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_request")
            assert refused.json()["error"]["message"] == f"expected a path in percent-encoded UTF-8, found '{path}'"
        assert (await client.put("/products/K%C3%B6ln%EF%BF%BD", json={"title": "Lamp"})).json()["product_id"] == "Köln\ufffd"


async def test_a_wrong_method_is_refused_with_the_methods_that_are_allowed() -> None:
    async with service_client(create_app(GatewaySettings(), Fakes().connect)) as client:
        for path, methods in (
            ("/products/a%2Fb", "DELETE, GET, PATCH, PUT"),
            ("/products:bulk", "POST"),
            ("/users/merge", "DELETE, POST"),
            ("/livez", "GET"),
        ):
            refused = await client.options(path)
            assert (refused.status_code, refused.headers["allow"]) == (405, methods)


async def test_bulk_bodies_may_exceed_the_limit_of_other_bodies() -> None:
    fakes = Fakes()
    lines = b"\n".join(orjson.dumps({"product_id": str(n), "title": "x" * 100}) for n in range(5_000))
    async with service_client(create_app(GatewaySettings(max_body_bytes=10_000), fakes.connect)) as client:
        answer = await client.post("/products:bulk", content=lines)
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert answer.json() == {"summary": {"lines": 5_000, "seq": 5_000}}
        assert (await client.put("/products/1", content=lines)).status_code == 413
    assert fakes.retriever.products["4999"]["title"] == "x" * 100


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_writes_without_a_key_are_refused(method: str, path: str, body: bytes) -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(api_keys=SecretStr("k")), fakes.connect)) as client:
        assert (await client.request(method, path, content=body)).status_code == 401
        assert fakes.retriever.seq == 0
        answer = await client.request(method, path, content=body, headers={"authorization": "Bearer k"})
        assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
@pytest.mark.parametrize(
    "fault", [ReadOnly("no database"), DatabaseUnavailable("away"), InvalidRequest("title: too long"), Overloaded("busy")]
)
async def test_errors_of_the_retriever_are_passed_on(method: str, path: str, body: bytes, fault: ShelfwiseError) -> None:
    fakes = Fakes()
    fakes.retriever.fault = fault
    async with service_client(create_app(GatewaySettings(), fakes.connect)) as client:
        answer = await client.request(method, path, content=body)
    error = ErrorBody.model_validate_json(answer.content).error
    assert (answer.status_code, error.code, error.message) == (fault.status, fault.code, fault.message)


async def test_more_bulks_than_max_bulk_at_once_are_refused() -> None:
    fakes = Fakes()
    async with service_client(create_app(GatewaySettings(max_bulk=1), fakes.connect)) as client:

        async def slowly() -> object:
            yield b'{"product_id": "1", "title": "Red"}'
            answer = await client.post("/products:bulk", content=b"")
            assert (answer.status_code, answer.json()["error"]["code"]) == (429, "overloaded")

        assert (await client.post("/products:bulk", content=slowly())).status_code == 200  # type: ignore[arg-type]
