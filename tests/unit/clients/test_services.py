"""The typed clients send what the contracts define, and check what they get where it matters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiohttp import web

from shelfwise.clients import Candidates, EmbedderClient, Question, RankerClient, RetrieverClient, ServiceClient
from shelfwise.clients.events import EventsClient
from shelfwise.contracts.embed import EmbedRequest
from shelfwise.contracts.product_lines import written
from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import RetrieveRequest
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable
from tests.unit.clients.dropping import Handler, drop, json, serving

VECTORS = {"space": {"model": "m", "dimension": 1, "normalized": True}, "count": 1, "base64": "AACAPw=="}
FOUND: dict[str, Any] = {
    "bundle": "b1",
    "ids": ["1", "2"],
    "order": [2.0, 1.0],
    "scores": {"dense": [0.5, None]},
    "products": [{"product_id": "1", "title": "one"}, {"product_id": "2", "title": "two"}],
}
CANDIDATES = Candidates("b1", ["1", "2"], [2.0, 1.0], {"dense": [0.5, None]}, FOUND["products"], None)
QUESTION = Question(kind="text", text="nail paints", filter={"price": {"max": 9.0}}, exclude=["7"])


def deadline() -> Deadline:
    return Deadline.after_ms(2000)


def answering(answer: object) -> Handler:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return json(answer)

    return handler


async def test_the_embedder_client_sends_an_embed_request_and_returns_the_vectors() -> None:
    async with serving(answering({"vectors": VECTORS})) as server, ServiceClient("embedder", server.url) as service:
        assert await EmbedderClient(service).embed_query("nail paints", deadline()) == VECTORS
    sent = EmbedRequest.model_validate_json(server.bodies[0])
    assert (sent.texts, sent.kind) == (["nail paints"], "query")


async def test_the_embedder_client_requires_one_vector_for_each_document() -> None:
    two = {**VECTORS, "count": 2}
    async with serving(answering({"vectors": two})) as server, ServiceClient("embedder", server.url) as service:
        assert await EmbedderClient(service).embed_documents(["one", "two"], deadline()) == two
        with pytest.raises(UpstreamUnavailable, match="expected 3 vectors"):
            await EmbedderClient(service).embed_documents(["one", "two", "three"], deadline())
    sent = EmbedRequest.model_validate_json(server.bodies[0])
    assert (sent.texts, sent.kind) == (["one", "two"], "document")


async def test_the_retriever_client_sends_a_retrieve_request() -> None:
    async with serving(answering(FOUND)) as server, ServiceClient("retriever", server.url) as service:
        assert await RetrieverClient(service).retrieve(QUESTION, VECTORS, 50, deadline()) == CANDIDATES
    sent = RetrieveRequest.model_validate_json(server.bodies[0])
    assert (sent.text, sent.limit, sent.exclude) == ("nail paints", 50, ["7"])
    assert sent.vector is not None
    assert sent.filter is not None
    assert sent.filter.price is not None
    assert sent.filter.price.max == 9.0


async def test_the_retriever_client_reads_products_in_lines() -> None:
    columns = {key: value for key, value in FOUND.items() if key != "products"}

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=written(columns, map(orjson.dumps, FOUND["products"])))

    async with serving(handler) as server, ServiceClient("retriever", server.url) as service:
        found = await RetrieverClient(service).retrieve(Question(kind="product", seeds=["3"]), None, 50, deadline())
    assert list(found.products) == FOUND["products"]
    sent = RetrieveRequest.model_validate_json(server.bodies[0])
    assert (sent.kind, sent.seeds, sent.vector) == ("product", ["3"], None)


async def test_a_product_id_is_escaped_in_the_path() -> None:
    async with serving(answering({"product_id": "a/b ?"})) as server, ServiceClient("retriever", server.url) as service:
        await RetrieverClient(service).product("a/b ?", deadline())
    assert server.requests[0].raw_path == "/products/a%2Fb%20%3F"


async def bulk() -> AsyncIterator[bytes]:
    yield b"{}\n"


async def test_products_are_written_with_a_client_of_their_own() -> None:
    async with (
        serving(answering({"seq": 1})) as reading,
        serving(answering({"seq": 2})) as writing,
        ServiceClient("retriever", reading.url) as one,
        ServiceClient("retriever", writing.url) as other,
    ):
        client = RetrieverClient(one, other)
        assert await client.product("1", deadline()) == {"seq": 1}
        assert await client.changes(deadline()) == [{"seq": 1}]
        assert await client.write("PATCH", "1", b"{}", deadline()) == {"seq": 2}
        assert await client.write_many(bulk(), deadline()) == b'{"seq":2}'
        assert (await client.probe(2.0)).ready
    assert [(request.method, request.path) for request in writing.requests] == [
        ("PATCH", "/products/1"),
        ("POST", "/products:bulk"),
    ]


async def test_histories_and_reasons_are_requested_with_clients_of_their_own() -> None:
    said = {"1": {"sentence": "s"}}
    async with (
        serving(answering({"bundle": "b1", "scores": [0.1, 0.2]})) as ranks,
        serving(answering({"history": {"orders": 3}})) as shoppers,
        serving(answering({"reasons": said})) as reasons,
        ServiceClient("ranker", ranks.url) as service,
        ServiceClient("ranker", shoppers.url) as second,
        ServiceClient("ranker", reasons.url) as third,
    ):
        client = RankerClient(service, second, third)
        assert (await client.rank(QUESTION, CANDIDATES, deadline())).scores == [0.1, 0.2]
        assert await client.history("ann", None, deadline()) == {"orders": 3}
        assert await client.explain(QUESTION, CANDIDATES, ["1"], deadline()) == said
        assert (await client.probe(2.0)).ready
    assert orjson.loads(shoppers.bodies[0]) == {"user_id": "ann", "session_id": None}


async def test_the_events_client_returns_what_became_of_events_and_shoppers() -> None:
    async with serving(answering({"kept": 1})) as server, ServiceClient("ranker", server.url) as service:
        client = EventsClient(service)
        for call in (client.take, client.retract, client.merge):
            assert await call(b"{}", deadline()) == {"kept": 1}
        assert await client.erase("ann", deadline()) == {"kept": 1}
    assert [request.path for request in server.requests] == ["/events", "/events/retract", "/users/merge", "/users/erase"]
    assert orjson.loads(server.bodies[-1]) == {"user_id": "ann"}


ASKED: list[tuple[Callable[[ServiceClient], Awaitable[object]], list[object]]] = [
    (lambda service: RetrieverClient(service).product("1", deadline()), [[]]),
    (lambda service: RetrieverClient(service).write("PUT", "1", b"{}", deadline()), [[]]),
    (lambda service: RankerClient(service).history("ann", None, deadline()), [[], {}, {"history": None}]),
    (lambda service: RankerClient(service).explain(QUESTION, CANDIDATES, ["1"], deadline()), [[], {}, {"reasons": ["1"]}]),
    (lambda service: EventsClient(service).take(b"{}", deadline()), [[]]),
]


@pytest.mark.parametrize(("ask", "answers"), ASKED, ids=["product", "report", "history", "reasons", "events"])
async def test_an_answer_of_another_form_raises_upstream_unavailable(
    ask: Callable[[ServiceClient], Awaitable[object]], answers: list[object]
) -> None:
    for answer in answers:
        async with serving(answering(answer)) as server, ServiceClient("service", server.url) as service:
            with pytest.raises(UpstreamUnavailable, match=r"expected .* found"):
                await ask(service)


async def test_the_ranker_client_sends_a_rank_request() -> None:
    async with (
        serving(answering({"bundle": "b1", "scores": [0.1, 0.2]})) as server,
        ServiceClient("ranker", server.url) as service,
    ):
        ranking = await RankerClient(service).rank(QUESTION, CANDIDATES, deadline())
    assert ranking.scores == [0.1, 0.2]
    sent = RankRequest.model_validate_json(server.bodies[0])
    assert (sent.ids, sent.scores, sent.explain, sent.explain_ids) == (["1", "2"], {"dense": [0.5, None]}, 0, [])


async def test_the_ranker_client_requests_reasons_and_requires_all_of_them() -> None:
    answer = {"bundle": "b1", "scores": [0.1, 0.2], "reasons": {"2": {"sentence": "s", "base": 0.0, "contributions": {}}}}
    async with serving(answering(answer)) as server, ServiceClient("ranker", server.url) as service:
        reasons = await RankerClient(service).explain(QUESTION, CANDIDATES, ["2"], deadline())
        with pytest.raises(UpstreamUnavailable, match="expected 2 reasons"):
            await RankerClient(service).explain(QUESTION, CANDIDATES, ["1", "2"], deadline())
    assert reasons == answer["reasons"]
    sent = RankRequest.model_validate_json(server.bodies[0])
    assert (sent.ids, sent.scores, sent.explain, sent.explain_ids) == (["1", "2"], {"dense": [0.5, None]}, 0, ["2"])


@pytest.mark.parametrize(
    "answer", [[], {}, {"vectors": None}, {"vectors": {**VECTORS, "count": 2}}], ids=["list", "empty", "null", "two"]
)
async def test_a_malformed_answer_of_the_embedder_raises_upstream_unavailable(answer: object) -> None:
    async with serving(answering(answer)) as server, ServiceClient("embedder", server.url) as service:
        with pytest.raises(UpstreamUnavailable, match="expected one vector"):
            await EmbedderClient(service).embed_query("x", deadline())


async def test_unknown_products_are_read() -> None:
    async with serving(answering({**FOUND, "unknown": ["9"]})) as server, ServiceClient("retriever", server.url) as service:
        assert (await RetrieverClient(service).retrieve(QUESTION, None, 50, deadline())).unknown == ["9"]


async def test_left_out_is_read_and_is_empty_if_the_retriever_does_not_send_it() -> None:
    """During an upgrade, a retriever of an earlier release does not send it."""
    told = [{"product_id": "3", "title": "three", "variant_group": "g"}]
    for answer, left_out in ((FOUND, []), ({**FOUND, "left_out": told}, told)):
        async with serving(answering(answer)) as server, ServiceClient("retriever", server.url) as service:
            found = await RetrieverClient(service).retrieve(QUESTION, None, 50, deadline())
        assert (found.left_out, found.first(1).left_out, found.joined(CANDIDATES).left_out) == (left_out,) * 3


async def test_named_is_read_and_is_none_if_the_retriever_does_not_send_it() -> None:
    """A retriever of an earlier release looks for no such product."""
    for answer, named in ((FOUND, None), ({**FOUND, "named": "1"}, "1")):
        async with serving(answering(answer)) as server, ServiceClient("retriever", server.url) as service:
            found = await RetrieverClient(service).retrieve(QUESTION, None, 50, deadline())
        assert (found.named, found.first(1).named, found.joined(CANDIDATES).named) == (named,) * 3


@pytest.mark.parametrize(
    "change", [{"order": [1.0]}, {"products": []}, {"scores": {"dense": [1.0]}}, {"scores": []}, {"ids": None}]
)
async def test_a_malformed_answer_of_the_retriever_raises_upstream_unavailable(change: dict[str, Any]) -> None:
    async with serving(answering({**FOUND, **change})) as server, ServiceClient("retriever", server.url) as service:
        with pytest.raises(UpstreamUnavailable, match="expected"):
            await RetrieverClient(service).retrieve(QUESTION, None, 50, deadline())


@pytest.mark.parametrize("scores", [None, [1.0], [1.0, None], [1.0, 2.0, 3.0]])
async def test_a_malformed_answer_of_the_ranker_raises_upstream_unavailable(scores: object) -> None:
    async with serving(answering({"bundle": "b1", "scores": scores})) as server, ServiceClient("ranker", server.url) as service:
        with pytest.raises(UpstreamUnavailable, match="expected 2 scores"):
            await RankerClient(service).rank(QUESTION, CANDIDATES, deadline())


def test_candidates_are_full_when_a_source_gave_all_it_was_asked_for() -> None:
    assert CANDIDATES.full(1)
    assert not CANDIDATES.full(2)


async def test_a_delete_is_not_retried_but_put_and_patch_are() -> None:
    """The first try may have deleted the product; a second one would answer 404 to a caller who asked once."""
    for method, tries in (("PUT", 2), ("PATCH", 2), ("DELETE", 1)):
        async with serving(drop) as server, ServiceClient("retriever", server.url) as service:
            with pytest.raises(UpstreamUnavailable, match="cannot be reached"):
                await RetrieverClient(service).write(method, "1", None if method == "DELETE" else b"{}", deadline())
        assert len(server.requests) == tries, method
