"""One question: asked again while the gateway is full or away, given up in time, and never asked of something else."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from shelfwise_pipeline.asking.gateway import DEADLINE_MS, Gateway, GatewayLost

ANSWER = {"items": [], "request_id": "for-you.1", "scenario": "for-you", "degraded": []}
REFUSED = {"error": {"code": "unknown_product", "message": "no such product", "request_id": "1"}}


def gateway(handle: Callable[[httpx.Request], httpx.Response], patience_s: float = 5.0) -> Gateway:
    return Gateway(httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://gateway"), patience_s)


def in_turn(*responses: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    waiting: Iterator[httpx.Response | Exception] = iter(responses)

    def handle(request: httpx.Request) -> httpx.Response:
        said = next(waiting)
        if isinstance(said, Exception):
            raise said
        return said

    return handle


async def test_questions_get_a_long_deadline_unless_they_set_their_own() -> None:
    seen: list[Any] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.read())
        return httpx.Response(200, json=ANSWER)

    asking = gateway(handle)
    assert await asking.answer({"user_id": "17"}) == ANSWER
    await asking.answer({"user_id": "17", "deadline_ms": 50})
    assert f'"deadline_ms":{DEADLINE_MS}'.encode() in seen[0]
    assert b'"deadline_ms":50' in seen[1]


async def test_a_gateway_that_is_full_or_away_is_asked_again() -> None:
    full = httpx.Response(429, headers={"retry-after": "0.01"}, json=REFUSED)
    asking = gateway(in_turn(httpx.ConnectError("refused"), full, httpx.Response(200, json=ANSWER)))
    assert await asking.answer({"user_id": "17"}) == ANSWER


async def test_a_wrong_question_is_not_asked_again() -> None:
    assert await gateway(in_turn(httpx.Response(404, json=REFUSED))).answer({"product_id": "x"}) == REFUSED


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (httpx.ConnectError("refused"), r"to answer within 0\.1 s, found: ConnectError refused"),
        (httpx.Response(503, json=REFUSED), "to answer within .* found: 503 .*no such product"),
        (httpx.Response(401, json=REFUSED), "accept the first key of SHELFWISE_API_KEYS, found: 401"),
        (httpx.Response(200, text="<html>welcome"), "expected Shelfwise's gateway at http://gateway.*found: 200 <html>welcome"),
        (httpx.Response(404, json={"detail": "Not Found"}), "expected Shelfwise's gateway .*name its address with --url"),
        (httpx.Response(200, json=[1]), "expected Shelfwise's gateway"),
    ],
)
async def test_an_answer_that_ends_the_run_raises_gateway_lost(said: httpx.Response | Exception, told: str) -> None:
    with pytest.raises(GatewayLost, match=told):
        await gateway(in_turn(said), patience_s=0.1).answer({"user_id": "17"})
