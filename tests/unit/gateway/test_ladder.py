"""Steps of the ladder that concern shoppers, and the products that the gateway holds for the worst case."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from shelfwise.clients import Candidates, Question
from shelfwise.errors import (
    DeadlineExceeded,
    ForeignVector,
    Internal,
    InvalidRequest,
    NotFound,
    NotReady,
    Overloaded,
    ShelfwiseError,
    UpstreamUnavailable,
)
from shelfwise_gateway.trending import TrendingHeld
from tests.unit.gateway.asked import Gateway, ids
from tests.unit.gateway.catalog import Fakes, history

LOSSES: list[ShelfwiseError] = [
    UpstreamUnavailable("down"),
    NotReady("loading"),
    Overloaded("busy"),
    DeadlineExceeded("slow"),
    Internal("defect"),
    NotFound("an older release"),
]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a task without an event
            await asyncio.sleep(0.005)


@pytest.fixture
def gateway() -> Gateway:
    fakes = Fakes()
    fakes.ranker.histories = {"buyer": history(("7", 4, 0), ("6", 1, 1))}
    return Gateway(fakes)


@pytest.mark.parametrize("fault", LOSSES, ids=lambda fault: fault.code)
async def test_for_you_without_context_shows_trending_products(gateway: Gateway, fault: ShelfwiseError) -> None:
    gateway.fakes.ranker.history_fault = fault
    answer = await gateway.ask(user_id="buyer", top_k=3)
    assert (answer.degraded, ids(answer)) == (["without_context"], ["1", "2", "4"])
    assert gateway.counted("without_context") == 1


async def test_a_text_without_context_gets_the_answer_of_a_request_without_user(gateway: Gateway) -> None:
    everybodys = await gateway.ask(product_name="nail paints", top_k=3)
    gateway.fakes.ranker.history_fault = UpstreamUnavailable("down")
    answer = await gateway.ask(product_name="nail paints", top_k=3, user_id="buyer")
    assert answer.degraded == ["without_context"]
    assert answer.items == everybodys.items


async def test_every_lost_service_adds_its_own_step_to_degraded(gateway: Gateway) -> None:
    gateway.fakes.ranker.fault = gateway.fakes.embedder.fault = NotReady("loading")
    answer = await gateway.ask(product_name="nail paints", top_k=3, user_id="buyer")
    assert set(answer.degraded) == {"without_embedder", "without_context", "without_ranker"}
    assert ids(answer) == ["1", "2", "4"]
    answer = await gateway.ask(user_id="buyer", top_k=3)
    assert (answer.degraded, ids(answer)) == (["without_context", "without_ranker"], ["1", "2", "4"])


async def test_pins_stay_when_the_texts_vector_is_refused() -> None:
    gateway = Gateway(Fakes(), sale={"question": "text", "pins": [{"product_id": "7", "position": 2}]})
    gateway.fakes.retriever.vector_fault = ForeignVector("expected space a, found b")
    gateway.fakes.retriever.delay_s = 0.01  # so that pins are requested before the refusal is known
    answer = await gateway.ask(product_name="nail paints", scenario="sale")
    assert (answer.degraded, ids(answer)[1]) == (["without_embedder"], "7")


async def test_a_pin_is_shown_only_when_top_k_reaches_its_position() -> None:
    gateway = Gateway(Fakes(), sale={"question": "text", "pins": [{"product_id": "7", "position": 8}]})
    found = ids(await gateway.ask(product_name="nail paints", scenario="sale", top_k=8))
    assert found == [*ids(await gateway.ask(product_name="nail paints", scenario="sale", top_k=7)), "7"]


@pytest.mark.parametrize(("pinned", "steps", "held"), [("7", ["without_pins"], 0), ("1", [], 1)])
async def test_pins_that_cannot_be_fetched_are_missing_unless_a_source_found_them(
    monkeypatch: pytest.MonkeyPatch, pinned: str, steps: list[str], held: int
) -> None:
    gateway = Gateway(Fakes(), sale={"question": "text", "pins": [{"product_id": pinned, "position": 2}]})
    retrieve = gateway.fakes.retriever.retrieve

    async def no_lists(question: Question, *more: Any) -> Candidates:
        if question.only is not None:
            raise Overloaded("full")
        return await retrieve(question, *more)

    monkeypatch.setattr(gateway.fakes.retriever, "retrieve", no_lists)
    answer = await gateway.ask(product_name="nail paints", scenario="sale")
    assert (answer.degraded, pinned in ids(answer)) == (steps, not steps)
    assert gateway.counted("without_pins") == len(steps)
    assert len(gateway.last_good) == held, "an answer without its pins is not one to come back to"


async def test_a_late_history_is_not_waited_for(gateway: Gateway) -> None:
    gateway.fakes.ranker.delay_s = 5.0
    answer = await gateway.ask(user_id="buyer", top_k=3, deadline_ms=200)
    assert answer.degraded == ["without_context", "without_ranker"]
    assert answer.timings_ms["total"] < 250


@pytest.mark.parametrize("scenario", ["buy-again", "recently-viewed"])
async def test_own_products_without_a_history_raise_upstream_unavailable(gateway: Gateway, scenario: str) -> None:
    await gateway.trending.refresh()
    gateway.fakes.ranker.history_fault = NotFound("an older release")
    with pytest.raises(UpstreamUnavailable, match="the shopper's history cannot be read now"):
        await gateway.ask(user_id="buyer", scenario=scenario)


async def test_own_products_come_from_the_shoppers_last_good_answer(gateway: Gateway) -> None:
    before = await gateway.ask(user_id="buyer", scenario="buy-again")
    gateway.fakes.ranker.history_fault = UpstreamUnavailable("down")
    answer = await gateway.ask(user_id="buyer", scenario="buy-again", exclude=["7"])
    assert answer.degraded == ["without_context", "last_good"]
    assert (ids(before), ids(answer)) == (["7", "6"], ["6"])
    with pytest.raises(UpstreamUnavailable):
        await gateway.ask(user_id="another", scenario="buy-again")


async def test_the_last_good_answer_of_a_forgotten_shopper_is_not_given_again(gateway: Gateway) -> None:
    await gateway.ask(user_id="buyer", scenario="buy-again")
    gateway.fakes.ranker.histories = {}
    gateway.last_good.forget("buyer")
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    with pytest.raises(ShelfwiseError):
        await gateway.ask(user_id="buyer", scenario="buy-again")


async def test_a_shoppers_last_good_answer_is_not_given_to_another(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    shown = await gateway.ask(user_id="buyer", top_k=2)
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    assert ids(await gateway.ask(user_id="buyer", top_k=2)) == ids(shown)
    assert ids(await gateway.ask(user_id="stranger", top_k=2)) == ["1", "2"]


async def test_a_question_never_asked_before_gets_the_held_trending_products(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    answer = await gateway.ask(product_name="zeppelin", top_k=10)
    assert (ids(answer), answer.degraded) == (["1", "2", "4", "6", "7"], ["last_good"])
    assert [item.rank for item in answer.items] == [1, 2, 3, 4, 5]
    assert (answer.bundle, answer.why_fewer) == ("fake-1", "only stored answers can be shown now")
    assert all(item.sources == ["trending"] for item in answer.items)


async def test_held_products_obey_the_filter_the_exclusions_and_the_cart(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    assert ids(await gateway.ask(product_name="x", filter={"category": "FOOD"})) == ["7"]
    assert ids(await gateway.ask(product_name="x", filter={"brand": "acme"}, exclude=["1"])) == ["2", "6"]
    assert ids(await gateway.ask(cart=["1", "2"])) == ["4", "6", "7"]
    assert ids(await gateway.ask(product_id="7", top_k=1)) == ["1"]
    with pytest.raises(UpstreamUnavailable):
        await gateway.ask(product_name="x", filter={"price": {"min": 1000}})


async def test_discover_shows_no_bought_products_among_the_held_ones(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    assert ids(await gateway.ask(user_id="buyer", scenario="discover")) == ["1", "2", "4"]


async def test_a_later_answer_with_a_smaller_top_k_does_not_replace_the_held_one(gateway: Gateway) -> None:
    shown = await gateway.ask(product_name="nail paints")
    await gateway.ask(product_name="nail paints", top_k=1)
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    assert ids(await gateway.ask(product_name="nail paints")) == ids(shown)


async def test_a_held_answer_is_filled_up_with_trending_products(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    shown = ids(await gateway.ask(product_name="nail paints", top_k=2))
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    answer = await gateway.ask(product_name="nail paints", top_k=4, exclude=["2"])
    assert (shown, ids(answer)) == (["1", "5"], ["1", "5", "4", "6"])
    assert [item.rank for item in answer.items] == [1, 2, 3, 4]
    assert ids(await gateway.ask(product_name="nail paints", exclude=shown)) == ["2", "4", "6", "7"]


async def test_a_held_answer_keeps_the_correction_reasons_and_unknown_products(gateway: Gateway) -> None:
    fakes = gateway.fakes
    fakes.retriever.corrections["nial paints"] = "nail paints"
    explained = await gateway.ask(product_name="nial paints", explain=True)
    await gateway.ask(product_name="nial paints")
    await gateway.ask(cart=["1", "gone"])
    fakes.retriever.fault = UpstreamUnavailable("down")
    text = await gateway.ask(product_name="nial paints", explain=True)
    assert (text.corrected_query, text.degraded) == ("nail paints", ["last_good"])
    assert [item.reason for item in text.items] == [item.reason for item in explained.items]
    assert all(item.reason is None for item in (await gateway.ask(product_name="nial paints")).items)
    assert (await gateway.ask(cart=["1", "gone"])).unknown == ["gone"]


async def test_an_answer_under_way_while_its_shopper_is_forgotten_is_not_held(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, retrieve = asyncio.Event(), gateway.fakes.retriever.retrieve

    async def noted(*question: Any) -> Candidates:
        asked.set()
        return await retrieve(*question)

    gateway.fakes.retriever.delay_s = 0.05
    monkeypatch.setattr(gateway.fakes.retriever, "retrieve", noted)
    answering = asyncio.create_task(gateway.ask(user_id="buyer"))
    await asked.wait()
    gateway.last_good.forget("buyer")
    assert (await answering).items
    assert len(gateway.last_good) == 0


async def test_an_invalid_request_is_not_answered_with_held_products(gateway: Gateway) -> None:
    await gateway.trending.refresh()
    gateway.fakes.retriever.fault = InvalidRequest("filter.attributes: expected attributes of this catalog")
    with pytest.raises(InvalidRequest):
        await gateway.ask(product_name="x", filter={"attributes": {"nonsense": "1"}})


async def test_held_trending_products_survive_a_failed_and_an_empty_refresh() -> None:
    fakes = Fakes()
    held = TrendingHeld(fakes.upstreams)
    await held.refresh()
    before = held.answer(None)
    fakes.retriever.fault = UpstreamUnavailable("down")
    with pytest.raises(UpstreamUnavailable):
        await held.refresh()
    fakes.retriever.fault = None
    fakes.retriever.products.clear()
    await held.refresh()
    assert held.answer(None) == before
    assert len(before.items) == 5


async def test_held_trending_products_are_refreshed_periodically() -> None:
    fakes = Fakes()
    held = TrendingHeld(fakes.upstreams)
    fakes.retriever.fault = UpstreamUnavailable("not there yet")
    following = asyncio.create_task(held.follow(0.01))
    await until(lambda: fakes.retriever.calls >= 2)
    assert len(held) == 0
    fakes.retriever.fault = None
    await until(lambda: len(held) == 5)
    del fakes.retriever.products["7"]
    await until(lambda: len(held) == 4)
    following.cancel()


async def test_a_defect_does_not_end_the_refreshing_of_trending_products(caplog: pytest.LogCaptureFixture) -> None:
    fakes = Fakes()
    held = TrendingHeld(fakes.upstreams)
    fakes.retriever.fault = RuntimeError("a defect")  # type: ignore[assignment]
    following = asyncio.create_task(held.follow(0.01))
    await until(lambda: fakes.retriever.calls >= 2)
    assert "trending not refreshed" in caplog.text
    assert "a defect" in caplog.text, "the traceback"
    fakes.retriever.fault = None
    await until(lambda: len(held) == 5)
    following.cancel()
