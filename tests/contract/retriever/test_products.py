"""Products written through one retriever are found by every one, over a real PostgreSQL."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import psycopg
import pytest
from aiohttp import web

from shelfwise.contracts.product import document_text
from shelfwise.database import Database
from shelfwise_pipeline.database import connect
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import SHELF, SPACE, publish_shelf, vector_of
from tests.support.postgres import database, postgres
from tests.support.waiting import until_ready
from tests.unit.clients.dropping import Server, error, json, serving

__all__ = ["database", "postgres"]

NEW = {
    "title": "Zyxnova kettle",
    "brand": "Glow",
    "category": ["Home", "Kitchen"],
    "price": 9.5,
    "attributes": {"color": "red"},
}


async def embed(request: web.BaseRequest) -> web.StreamResponse:
    texts = orjson.loads(await request.read())["texts"]
    raw = np.stack([vector_of(text) for text in texts]).astype("<f4").tobytes()
    return json({"vectors": {"space": SPACE.model_dump(), "count": len(texts), "base64": base64.b64encode(raw).decode()}})


def embedded(server: Server) -> list[str]:
    return [text for body in server.bodies for text in orjson.loads(body)["texts"]]


@pytest.fixture
async def embedder() -> AsyncIterator[Server]:
    async with serving(embed) as server:
        yield server


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    publish_shelf(folder)
    return folder


@pytest.fixture
def connection(database: str) -> Any:
    """The shop's own connection to a database that holds the shelf."""
    with connect(database, autocommit=True) as connection:
        columns = ("product_id", "title", "brand", "category", "price", "rating", "in_stock")
        for product in SHELF:
            defaults = {"category": [], "in_stock": True}
            connection.execute(
                f"INSERT INTO catalog.products ({', '.join(columns)}) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [product.get(name, defaults.get(name)) for name in columns],
            )
        yield connection


@asynccontextmanager
async def retrievers(count: int, **settings: Any) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(count):
            app = create_app(RetrieverSettings(**{"bundle_poll_s": 0.05, "retriever_poll_s": 0.02, **settings}))
            clients.append(await stack.enter_async_context(service_client(app)))
        for client in clients:
            await until_ready(client)
        yield clients


@pytest.fixture
async def two(
    database: str, bundles: Path, embedder: Server, connection: psycopg.Connection[Any]
) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with retrievers(2, bundles=str(bundles), database_url=database, embedder_url=embedder.url) as clients:
        yield clients


async def ids(client: httpx.AsyncClient, text: str, **more: Any) -> list[str]:
    answer = await client.post("/retrieve", json={"kind": "text", "text": text, **more})
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["ids"]
    return found


async def until(holds: Callable[[], Any], within_s: float = 5) -> None:
    give_up_at = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < give_up_at, "it did not come to hold"
        await asyncio.sleep(0.01)


async def applied(client: httpx.AsyncClient, seq: int, within_s: float = 5) -> None:
    async def far_enough() -> bool:
        return bool((await client.get("/changes")).json()["applied"] >= seq)

    await until(far_enough, within_s)


def stored(connection: psycopg.Connection[Any], product_id: str) -> tuple[Any, ...] | None:
    return connection.execute("SELECT title, price FROM catalog.products WHERE product_id = %s", [product_id]).fetchone()


async def test_a_product_is_written_patched_and_deleted_on_all_retrievers(
    two: list[httpx.AsyncClient], connection: psycopg.Connection[Any]
) -> None:
    one, other = two
    answer = await one.put("/products/a/kettle%201", json=NEW)
    assert answer.status_code == 200, answer.text
    written = answer.json()
    assert (written["product_id"], written["result"]) == ("a/kettle 1", "kept")
    assert stored(connection, "a/kettle 1")[0] == "Zyxnova kettle"  # type: ignore[index]
    assert (await ids(one, "zyxnova"))[0] == "a/kettle 1"  # the retriever that took the write has it at once
    await applied(other, written["seq"])
    assert await ids(other, "zyxnova", filter={"brand": "glow", "attributes": {"color": "red"}}) == ["a/kettle 1"]

    patched = (await other.patch("/products/a/kettle%201", json={"price": 3.0, "brand": None})).json()
    assert patched["result"] == "kept"
    assert patched["seq"] > written["seq"]
    await applied(one, patched["seq"])
    for client in two:
        assert await ids(client, "zyxnova", filter={"price": {"max": 3}}) == ["a/kettle 1"]
        shown = (await client.get("/products/a/kettle%201")).json()
        assert shown["price"] == 3.0
        assert "brand" not in shown
        assert shown["attributes"] == {"color": "red"}
        assert shown["created_at"]

    deleted = (await one.delete("/products/a/kettle%201")).json()
    assert deleted["result"] == "deleted"
    await applied(other, deleted["seq"])
    for client in two:
        assert "a/kettle 1" not in await ids(client, "zyxnova")
        assert (await client.get("/products/a/kettle%201")).status_code == 404
    assert stored(connection, "a/kettle 1") is None


async def test_a_text_is_embedded_once_for_all_products_and_retrievers(two: list[httpx.AsyncClient], embedder: Server) -> None:
    one, other = two
    first = (await one.put("/products/k1", json=NEW)).json()
    await applied(other, first["seq"])
    await other.put("/products/k2", json=NEW)
    await one.patch("/products/k1", json={"price": 1.0})
    await one.put("/products/chips-9", json={"title": SHELF[0]["title"], "category": SHELF[0]["category"]})
    assert embedded(embedder) == [document_text("Zyxnova kettle", ["Home", "Kitchen"])]


async def test_a_write_that_changes_nothing_is_unchanged_and_not_logged(
    two: list[httpx.AsyncClient], connection: psycopg.Connection[Any]
) -> None:
    one, _ = two
    await one.put("/products/k1", json=NEW)
    count = "SELECT count(*) FROM catalog.changes"
    before = connection.execute(count).fetchone()
    again = (await one.put("/products/k1", json=NEW)).json()
    assert again["result"] == "unchanged"
    assert (await one.patch("/products/k1", json={"price": 9.5})).json()["result"] == "unchanged"
    assert connection.execute(count).fetchone() == before
    await applied(one, again["seq"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "/products/1", {"title": " "}, 422, "invalid_request"),
        ("PUT", "/products/1", {"title": "x", "colour": "red"}, 422, "invalid_request"),
        ("PUT", "/products/1", {"title": "x", "product_id": "2"}, 422, "invalid_request"),
        ("PUT", "/products/1", {"title": "x\x00"}, 422, "invalid_request"),
        ("PUT", "/products/1", {"title": "x", "price": -1}, 422, "invalid_request"),
        ("PUT", "/products/1", {"title": "x", "currency": "dollar"}, 422, "invalid_request"),
        ("PUT", "/products/" + "x" * 201, {"title": "x"}, 422, "invalid_request"),
        ("PATCH", "/products/chips-1", {"title": None}, 422, "invalid_request"),
        ("PATCH", "/products/chips-1", {}, 422, "invalid_request"),
        ("PATCH", "/products/nothing", {"price": 1}, 404, "unknown_product"),
        ("DELETE", "/products/nothing", None, 404, "unknown_product"),
    ],
)
async def test_an_invalid_write_is_refused(
    two: list[httpx.AsyncClient], method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = await two[0].request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


async def test_an_id_with_a_nul_character_is_refused_with_a_message(two: list[httpx.AsyncClient]) -> None:
    said = "product_id: expected text without the character NUL, found 'x\\x00'"
    for method, body in (("PUT", {"title": "x"}), ("PATCH", {"title": "x"}), ("DELETE", None)):
        answer = await two[0].request(method, "/products/x%00", json=body)
        assert (answer.status_code, answer.json()["error"]["message"]) == (422, f"path.{said}")
    report = await two[0].post("/products:bulk", content=orjson.dumps({"product_id": "x\0", "title": "x"}))
    assert orjson.loads(report.content.splitlines()[0])["reason"] == said


async def test_a_patch_merges_attributes_and_clears_fields_given_as_null(two: list[httpx.AsyncClient]) -> None:
    one, _ = two
    await one.put("/products/k1", json={**NEW, "attributes": {"color": "red", "size": "1"}})
    await one.patch("/products/k1", json={"attributes": {"color": None, "shape": "round"}})
    assert (await one.get("/products/k1")).json()["attributes"] == {"size": "1", "shape": "round"}
    await one.patch("/products/k1", json={"attributes": None, "category": None, "in_stock": None})
    shown = (await one.get("/products/k1")).json()
    assert "attributes" not in shown
    assert "category" not in shown
    assert shown["in_stock"] is True


async def test_concurrent_patches_of_the_same_products_lose_nothing(
    two: list[httpx.AsyncClient], connection: psycopg.Connection[Any]
) -> None:
    """Both retrievers get patches of the same products at the same time, of different fields."""
    await asyncio.gather(*(two[0].put(f"/products/p{number}", json={"title": f"Thing {number}"}) for number in range(20)))
    fields: list[dict[str, Any]] = [{"price": 5.0}, {"brand": "Glow"}, {"rating": 4.0}, {"rating_count": 3}]
    writes = [
        client.patch(f"/products/p{number}", json=given)
        for number in range(20)
        for client, given in zip(two * 2, fields, strict=True)
    ]
    answers = await asyncio.gather(*writes)
    assert {answer.status_code for answer in answers} == {200}
    rows = connection.execute(
        "SELECT DISTINCT price, brand, rating, rating_count FROM catalog.products WHERE title LIKE 'Thing%'"
    )
    assert rows.fetchall() == [(5, "Glow", 4.0, 3)]
    last = max(answer.json()["seq"] for answer in answers)
    for client in two:
        await applied(client, last)
        assert len(await ids(client, "thing", filter={"brand": "Glow", "rating": {"min": 4}, "price": {"min": 5}})) == 20


async def test_bulk_writes_valid_lines_and_reports_every_line(
    two: list[httpx.AsyncClient], connection: psycopg.Connection[Any]
) -> None:
    one, other = two
    await one.put("/products/b0", json={"title": "Bulk thing 0"})
    lines = [orjson.dumps({"product_id": f"b{number}", "title": f"Bulk thing {number}"}) for number in range(600)]
    lines[5:5] = [b"{not json", b'{"product_id": "x", "titel": "y"}', b'{"title": "no id"}', b"", b"x" * 70_000]
    answer = await one.post("/products:bulk", content=b"\r\n".join(lines))
    assert answer.headers["content-type"] == "application/x-ndjson"
    *reports, end = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [report["line"] for report in reports] == [*range(1, 9), *range(10, 606)]
    assert end["summary"] == {"lines": 604, "kept": 599, "unchanged": 1, "refused": 4, "seq": reports[-1]["seq"]}
    assert reports[0]["result"] == "unchanged"
    codes = [report.get("code") for report in reports[5:9]]
    assert codes == ["malformed_body", "invalid_request", "invalid_request", "body_too_large"]
    assert "titel: unknown field" in reports[6]["reason"]
    assert connection.execute("SELECT count(*) FROM catalog.products WHERE title LIKE 'Bulk%'").fetchone() == (600,)
    await applied(other, end["summary"]["seq"])
    assert "b599" in await ids(other, "bulk thing 599", limit=5)


async def test_bulk_refuses_lines_beyond_max_lines(two: list[httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfwise_retriever.writing.bulk.MAX_LINES", 3)
    lines = [orjson.dumps({"product_id": f"b{number}", "title": "Thing"}) for number in range(9)]
    answer = await two[0].post("/products:bulk", content=b"\n".join(lines))
    *reports, end = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [report["result"] for report in reports] == ["kept", "kept", "kept", "refused"]
    assert "at most 3 lines" in reports[3]["reason"]
    assert end["summary"]["lines"] == 4


async def test_without_the_embedder_only_writes_with_unknown_texts_are_refused(
    two: list[httpx.AsyncClient], embedder: Server
) -> None:
    embedder.handler = error(503, "not_ready")
    one, _ = two
    lines = [{"product_id": "k1", **NEW}, {"product_id": "k2", "title": "Potato chips", "category": ["Food", "Snacks"]}]
    answer = await one.post("/products:bulk", content=b"\n".join(map(orjson.dumps, lines)))
    results = [orjson.loads(line) for line in answer.content.splitlines()][:2]
    assert [result["result"] for result in results] == ["refused", "kept"]
    assert results[0]["code"] == "not_ready"
    assert (await one.put("/products/k1", json=NEW)).status_code == 503
    assert "k2" in await ids(one, "potato chips", per_text=None)


async def test_products_written_to_the_database_by_others_are_followed(
    two: list[httpx.AsyncClient], embedder: Server, connection: psycopg.Connection[Any]
) -> None:
    """By `shelfwise import` or the shop's own SQL. While the embedder is out they wait, and hold up no other change."""
    embedder.handler = error(503, "not_ready")
    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('s1', 'Swizzle stick')")
    connection.execute("UPDATE catalog.products SET price = 88 WHERE product_id = 'chips-1'")

    async def cheaper() -> bool:
        return await ids(two[0], "potato chips", filter={"price": {"min": 80}}) == ["chips-1"]

    async def stick() -> bool:
        return "s1" in await ids(two[1], "swizzle")

    async def waits() -> bool:
        return "no vector yet" in ((await two[1].get("/readyz")).json()["problem"] or "")

    await until(cheaper)
    await until(waits)
    assert not await stick()
    embedder.handler = embed
    await until(stick)
    assert connection.execute("SELECT count(*) FROM catalog.vectors").fetchone() == (1,)

    async def well() -> bool:
        return (await two[1].get("/readyz")).json()["problem"] is None

    await until(well)


async def test_a_retriever_that_starts_later_has_all_changes_without_embedding_again(
    two: list[httpx.AsyncClient], database: str, bundles: Path, embedder: Server
) -> None:
    for number in range(30):
        await two[0].put(f"/products/p{number}", json={"title": f"Thing {number}"})
    await two[0].delete("/products/p3")
    asked = len(embedded(embedder))
    async with retrievers(1, bundles=str(bundles), database_url=database, embedder_url=embedder.url) as [late]:
        found = await ids(late, "thing", limit=100)
    assert {f"p{number}" for number in range(30)} - {"p3"} == {
        key for key in found if key.startswith("p") and key[1:].isdigit()
    }
    assert len(embedded(embedder)) == asked


async def test_a_new_bundle_catches_up_before_it_is_served(
    database: str, tmp_path: Path, embedder: Server, connection: psycopg.Connection[Any]
) -> None:
    publish_shelf(tmp_path, version="v1")
    async with retrievers(1, bundles=str(tmp_path), database_url=database, embedder_url=embedder.url) as [client]:
        await client.put("/products/k1", json=NEW)
        publish_shelf(tmp_path, version="v2")  # does not contain the write
        bundle = "v1"
        give_up_at = time.monotonic() + 10
        while bundle == "v1":
            answer = (await client.post("/retrieve", json={"kind": "text", "text": "zyxnova"})).json()
            assert answer["ids"] == ["k1"]
            bundle = answer["bundle"]
            assert time.monotonic() < give_up_at
        assert bundle == "v2"


async def test_a_retriever_without_a_database_is_read_only(bundles: Path) -> None:
    async with retrievers(1, bundles=str(bundles)) as [client]:
        answer = await client.put("/products/1", json={"title": "x"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "read_only")
        assert "chips-1" in await ids(client, "potato chips")


async def test_a_schema_that_is_too_old_is_reported(empty_url: str, bundles: Path, embedder: Server) -> None:
    async with retrievers(1, bundles=str(bundles), database_url=empty_url, embedder_url=embedder.url) as [client]:
        answer = await client.put("/products/1", json={"title": "potato"})
        assert answer.status_code == 503
        assert "run `shelfwise migrate`" in answer.json()["error"]["message"]
        assert "run `shelfwise migrate`" in (await client.get("/readyz")).json()["problem"]


@pytest.fixture
def empty_url(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("shelfwise_retriever.living._START_WITHOUT_S", 0.1)
    with postgres.temporary(migrated=False) as url:
        yield url


async def test_a_retriever_recovers_from_cut_off_database_sessions(
    two: list[httpx.AsyncClient], connection: psycopg.Connection[Any]
) -> None:
    """All its sessions are cut off, as if the server was killed."""
    await two[0].put("/products/k1", json=NEW)
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'shelfwise-retriever' AND datname = current_database()"
    )

    async def writes() -> bool:
        return (await two[0].put("/products/k2", json=NEW)).status_code == 200

    await until(writes)

    async def other_has_it() -> bool:
        return "k2" in await ids(two[1], "zyxnova")

    await until(other_has_it)


async def test_connections_have_a_statement_timeout(database: str) -> None:
    async with Database(database, "test", 1) as known, known.connection() as connection:
        row = await (await connection.execute("SHOW statement_timeout")).fetchone()
        assert row == ("10s",)
