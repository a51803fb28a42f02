"""The flow of a recommendation and its ladder, over the shipped fakes."""

import time
from typing import Any

import pytest

from shelfwise.clients import Candidates, Question, Ranking
from shelfwise.errors import (
    BundleMissing,
    DeadlineExceeded,
    ForeignVector,
    Internal,
    NotReady,
    Overloaded,
    ShelfwiseError,
    UnknownProduct,
    UpstreamUnavailable,
)
from shelfwise_gateway.flow import WIDEST
from tests.unit.gateway.asked import Gateway, ids
from tests.unit.gateway.catalog import PRODUCTS, Fakes, product

FAULTS: list[ShelfwiseError] = [UpstreamUnavailable("down"), NotReady("loading"), Overloaded("busy"), DeadlineExceeded("slow")]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(Fakes())


async def test_a_product_name_is_answered_with_complete_items(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert answer.recommendations == ["Red nail paints", "Olive nail paints"]
    assert answer.recommendations == [item.name for item in answer.items]
    first = answer.items[0]
    assert (first.product_id, first.rank, first.sources) == ("1", 1, ["lexical", "dense"])
    assert (first.brand, first.price, first.currency, first.category) == ("Acme", 4.5, "EUR", ["Beauty", "Nails"])
    assert (answer.scenario, answer.bundle, answer.degraded) == ("search", "fake-1", [])
    assert answer.model_fields_set.isdisjoint({"why_fewer", "corrected_query"})
    assert set(answer.timings_ms) == {"embed", "retrieve", "rank", "total"}
    assert first.reason is None


async def test_a_misspelt_name_is_searched_as_corrected(gateway: Gateway) -> None:
    gateway.fakes.retriever.corrections["nial paints"] = "nail paints"
    meant, answer = await gateway.ask(product_name="nail paints"), await gateway.ask(product_name="nial paints")
    assert (answer.corrected_query, answer.recommendations) == ("nail paints", meant.recommendations)
    assert (meant.corrected_query, answer.degraded) == (None, [])
    asked = gateway.fakes.retriever.asked[-1]
    assert (asked.text, asked.correct) == ("nail paints", False)
    assert gateway.fakes.embedder.calls == 3  # because the corrected text is embedded as well
    listed = await gateway.rerank(product_name="nial paints", candidates=["5", "1"])
    assert (listed.corrected_query, ids(listed)) == ("nail paints", ["1", "5"])


async def test_a_name_is_searched_uncorrected_when_as_typed_is_set(gateway: Gateway) -> None:
    gateway.fakes.retriever.corrections["nial paints"] = "nail paints"
    answer = await gateway.ask(product_name="nial paints", as_typed=True)
    assert (answer.corrected_query, gateway.fakes.retriever.asked[-1].text) == (None, "nial paints")


async def test_products_with_what_a_name_asks_to_be_without_come_last() -> None:
    sugar = [
        product("1", "Chocolate without limits, with sugar"),
        product("2", "Sugar free chocolate"),
        product("3", "Chocolate"),
    ]
    gateway = Gateway(Fakes(sugar))
    text = "chocolate without sugar"
    assert ids(await gateway.ask(product_name=text, as_typed=True))[0] == "1"
    assert ids(await gateway.ask(product_name=text)) == ["2", "3", "1"]
    assert ids(await gateway.rerank(product_name=text, candidates=["1", "2", "3"])) == ["2", "3", "1"]


async def test_the_product_whose_number_was_typed_comes_first() -> None:
    gateway = Gateway(Fakes([*PRODUCTS, product("85123A", "Hanging holder"), product("9", "85123A rack")]))
    gateway.fakes.retriever.corrections["85123A"] = "nail"
    answer = await gateway.ask(product_name="85123A", explain=True)
    assert ids(answer) == ["85123A", "9"]
    first, second = (item.reason for item in answer.items)
    assert first is not None
    assert (first.sentence, first.parts[0].code) == ("has the product number that was asked for", "has_product_number")
    assert second is not None
    assert second.sentence != first.sentence
    gateway.fakes.ranker.fault = UpstreamUnavailable("down")
    assert ids(await gateway.ask(product_name="85123A")) == ["85123A", "9"]
    assert ids(await gateway.ask(product_name="85123A", exclude=["85123A"], as_typed=True)) == ["9"]
    listed = await gateway.rerank(product_name="85123A", candidates=["9", "85123A"], as_typed=True)
    assert ids(listed) == ["85123A", "9"]


async def test_a_misspelt_name_is_corrected_without_the_embedder_or_the_retriever(gateway: Gateway) -> None:
    gateway.fakes.retriever.corrections["nial paints"] = "nail paints"
    whole = await gateway.ask(product_name="nial paints", top_k=2)
    gateway.fakes.embedder.fault = UpstreamUnavailable("down")
    words = await gateway.ask(product_name="nial paints", top_k=2)
    assert (words.corrected_query, words.degraded) == ("nail paints", ["without_embedder"])
    assert words.items
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    held = await gateway.ask(product_name="nial paints", top_k=2)
    assert ids(held) == ids(whole)


async def test_variants_are_shown_once(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail paints", top_k=10)
    assert set(ids(answer)) == {"1", "2", "5", "6"}
    assert answer.why_fewer == "2 of 6 products found are variants of those shown"


async def test_a_product_id_needs_no_embedder(gateway: Gateway) -> None:
    answer = await gateway.ask(product_id="6", top_k=3)
    assert (answer.scenario, answer.degraded) == ("similar", [])
    assert "6" not in ids(answer)
    assert gateway.fakes.embedder.calls == 0
    assert "embed" not in answer.timings_ms


async def test_excluded_products_are_not_shown(gateway: Gateway) -> None:
    assert "1" not in ids(await gateway.ask(product_name="nail paints", exclude=["1"]))


async def test_explain_gives_every_item_a_reason_that_sums_to_its_score(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail paints", top_k=3, explain=True)
    for item in answer.items:
        assert item.reason is not None
        assert item.reason.contributions["source_sum"] == pytest.approx(item.score)


async def test_a_product_ranked_below_many_variants_has_a_reason_too() -> None:
    alike = [product(str(number), "nail paints", variant_group="one") for number in range(60)]
    fakes = Fakes([*alike, product("file", "Nail file")])
    answer = await Gateway(fakes, wide={"question": "text", "collapse": ["title"]}).ask(
        product_name="nail paints", scenario="wide", top_k=2, explain=True
    )
    assert ids(answer)[1:] == ["file"]
    assert all(item.reason is not None for item in answer.items)


async def test_only_products_that_are_shown_are_explained() -> None:
    """Neither variants, nor the products of a first round that found too few to show."""
    alike = [product(str(number), "nail paints", variant_group="one") for number in range(120)]
    fakes = Fakes([*alike, product("file", "Nail file")])
    answer = await Gateway(fakes).ask(product_name="nail paints", top_k=2, explain=True)
    assert fakes.retriever.limits == [50, WIDEST]
    assert fakes.ranker.explained == [ids(answer)]


async def test_no_reasons_are_requested_when_no_product_is_shown() -> None:
    alike = [product("1", "Nail paint", variant_group="one"), product("2", "Nail paint", variant_group="one")]
    fakes = Fakes(alike)
    answer = await Gateway(fakes).ask(product_id="1", explain=True)
    assert (answer.items, fakes.ranker.calls, fakes.ranker.explained) == ([], 1, [])


async def test_without_reasons_the_order_is_still_the_rankers(gateway: Gateway) -> None:
    question: dict[str, Any] = {"product_name": "nail paints", "top_k": 3}
    whole = await gateway.ask(**question)
    gateway.fakes.ranker.explain_fault = DeadlineExceeded("slow")
    answer = await gateway.ask(**question, explain=True)
    assert [(item.product_id, item.score) for item in answer.items] == [(item.product_id, item.score) for item in whole.items]
    assert [item.reason for item in answer.items] == [None] * 3
    assert answer.degraded == ["without_reasons"]
    assert (gateway.counted("without_reasons"), gateway.counted("without_ranker")) == (1, 0)


async def test_finding_no_product_is_an_answer_that_says_why(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="zeppelin")
    assert (answer.items, answer.why_fewer, answer.degraded) == ([], "no product was found", [])
    assert gateway.fakes.ranker.calls == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
async def test_without_the_embedder_words_alone_find_products(gateway: Gateway, fault: ShelfwiseError) -> None:
    gateway.fakes.embedder.fault = fault
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert answer.degraded == ["without_embedder"]
    assert [item.sources for item in answer.items] == [["lexical"], ["lexical"]]
    assert gateway.counted("without_embedder") == 1


async def test_without_the_embedder_trending_products_do_not_replace_missing_matches(gateway: Gateway) -> None:
    gateway.fakes.embedder.fault = UpstreamUnavailable("down")
    await gateway.trending.refresh()
    assert len(gateway.trending)
    answer = await gateway.ask(product_name="xyzzy", top_k=2)
    assert (answer.items, answer.degraded) == ([], ["without_embedder"])
    assert answer.why_fewer


@pytest.mark.parametrize("fault", [*FAULTS, Internal("defect")], ids=lambda fault: fault.code)
async def test_without_the_ranker_the_order_is_the_retrievers(
    gateway: Gateway, fault: ShelfwiseError, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.fakes.ranker.fault = fault
    answer = await gateway.ask(product_name="nail paints", top_k=3, explain=True)
    assert answer.degraded == ["without_ranker"]
    assert ids(answer) == ["1", "2", "4"], "the retriever's own order"
    assert [item.score for item in answer.items] == [2.0, 2.0, 2.0]
    assert all(item.reason is None for item in answer.items)
    assert gateway.counted("without_ranker") == 1
    told = [vars(record) for record in caplog.records if record.message == "degraded"]
    assert [(one["step"], one["because"], one["code"]) for one in told] == [("without_ranker", fault.message, fault.code)]


async def test_without_the_embedder_and_the_ranker_the_order_is_the_retrievers(gateway: Gateway) -> None:
    gateway.fakes.embedder.fault = gateway.fakes.ranker.fault = NotReady("loading")
    answer = await gateway.ask(product_name="nail paints", top_k=3)
    assert answer.degraded == ["without_embedder", "without_ranker"]
    assert ids(answer) == ["1", "2", "4"]


@pytest.mark.parametrize("late", ["embedder", "ranker"])
async def test_a_late_service_is_not_waited_for(gateway: Gateway, late: str) -> None:
    getattr(gateway.fakes, late).delay_s = 5.0
    began = time.perf_counter()
    answer = await gateway.ask(product_name="nail paints", top_k=3, deadline_ms=200)
    assert answer.degraded == [f"without_{late}"]
    assert len(answer.items) == 3
    assert time.perf_counter() - began < 0.3


@pytest.mark.parametrize(
    ("service", "call", "times"), [("retriever", "retrieve", 2), ("ranker", "rank", 1), ("ranker", "explain", 1)]
)
async def test_a_service_gets_less_time_than_the_request_has_left(
    service: str, call: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(Fakes(), sale={"question": "text", "pins": [{"product_id": "7", "position": 1}]})
    fake, left_s = getattr(gateway.fakes, service), []
    answering = getattr(fake, call)

    async def noted(*asked: Any) -> Any:
        left_s.append(asked[-1].remaining_s)
        return await answering(*asked)

    monkeypatch.setattr(fake, call, noted)
    await gateway.ask(product_name="nail paints", scenario="sale", top_k=2, explain=True, deadline_ms=20_000)
    assert len(left_s) == times, "the pins are fetched by themselves"
    assert all(10 < left <= 19 for left in left_s), "a twentieth is kept to answer without it"


async def test_a_vector_of_another_encoder_is_left_out(gateway: Gateway) -> None:
    gateway.fakes.retriever.vector_fault = ForeignVector("expected space a, found b")
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert answer.degraded == ["without_embedder"]
    assert answer.items[0].sources == ["lexical"]
    gateway.fakes.retriever.corrections["nial paints"] = "nail paints"
    assert ids(await gateway.ask(product_name="nial paints", top_k=2)) == ids(answer)
    assert gateway.fakes.embedder.calls == 2, "the corrected text needs no vector, which would be refused as well"


@pytest.mark.parametrize("fault", [*FAULTS, Internal("defect"), BundleMissing("none")], ids=lambda fault: fault.code)
async def test_the_last_good_answer_is_given_when_the_retriever_fails(gateway: Gateway, fault: ShelfwiseError) -> None:
    before = await gateway.ask(product_name="nail paints", top_k=3)
    gateway.fakes.retriever.fault = fault
    answer = await gateway.ask(product_name="Nail Paints", top_k=2, exclude=[ids(before)[0]])
    assert answer.degraded == ["last_good"]
    assert ids(answer) == ids(before)[1:]
    assert [item.rank for item in answer.items] == [1, 2]
    assert gateway.counted("last_good") == 1


async def test_a_degraded_answer_is_not_remembered_as_last_good(gateway: Gateway) -> None:
    gateway.fakes.ranker.fault = NotReady("loading")
    await gateway.ask(product_name="nail paints")
    gateway.fakes.retriever.fault = NotReady("loading")
    with pytest.raises(NotReady):
        await gateway.ask(product_name="nail paints")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (UpstreamUnavailable("down"), UpstreamUnavailable),
        (NotReady("loading"), NotReady),
        (Overloaded("busy"), Overloaded),
        (DeadlineExceeded("slow"), DeadlineExceeded),
        (Internal("defect"), UpstreamUnavailable),
    ],
)
async def test_without_a_held_answer_a_retriever_failure_raises(
    gateway: Gateway, fault: ShelfwiseError, expected: type[ShelfwiseError]
) -> None:
    gateway.fakes.retriever.fault = fault
    with pytest.raises(expected):
        await gateway.ask(product_name="nail paints")


async def test_an_unknown_product_is_not_answered_from_a_held_answer(gateway: Gateway) -> None:
    await gateway.ask(product_name="nail paints")
    with pytest.raises(UnknownProduct, match="found 'nobody'"):
        await gateway.ask(product_id="nobody")


async def test_a_wider_round_follows_when_variants_leave_too_few_products() -> None:
    fakes = Fakes([product(str(n), "nail paints", variant_group="g") for n in range(120)] + [product("x", "nail file")])
    answer = await Gateway(fakes).ask(product_name="nail paints", top_k=2)
    assert fakes.retriever.limits == [50, WIDEST]
    assert answer.recommendations == ["nail paints", "nail file"]
    assert answer.why_fewer is None


async def test_no_wider_round_follows_when_too_little_time_is_left() -> None:
    fakes = Fakes([product(str(n), "nail paints", variant_group="g") for n in range(120)] + [product("x", "nail file")])
    fakes.retriever.delay_s = 0.1
    answer = await Gateway(fakes).ask(product_name="nail paints", top_k=2, deadline_ms=350)
    assert fakes.retriever.limits == [50], "at least 100 ms went by, at most 250 are left"
    assert (answer.recommendations, answer.degraded) == (["nail paints"], [])


async def test_a_wider_round_that_loses_the_ranker_does_not_replace_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = Fakes([product(str(n), "nail paints", variant_group="g") for n in range(120)] + [product("x", "nail file")])
    gateway, rank = Gateway(fakes), fakes.ranker.rank

    async def rank_few(question: Question, candidates: Candidates, *more: Any) -> Ranking:
        if len(candidates.ids) > 50:
            raise DeadlineExceeded("late")
        return await rank(question, candidates, *more)

    monkeypatch.setattr(fakes.ranker, "rank", rank_few)
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert fakes.retriever.limits == [50, WIDEST]
    assert (answer.recommendations, answer.degraded) == (["nail paints"], [])
    assert gateway.counted("without_ranker") == 1, "the ranker was late, whatever became of it"


async def test_the_wider_round_is_shown_when_neither_round_has_the_ranker() -> None:
    fakes = Fakes([product(str(n), "nail paints", variant_group="g") for n in range(120)] + [product("x", "nail file")])
    fakes.ranker.fault = UpstreamUnavailable("down")
    gateway = Gateway(fakes)
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert (answer.recommendations, answer.degraded) == (["nail paints", "nail file"], ["without_ranker"])
    assert (fakes.retriever.limits, gateway.counted("without_ranker")) == ([50, WIDEST], 1)


async def test_a_large_top_k_is_not_limited_by_the_scenarios_candidates() -> None:
    fakes = Fakes([product(str(number), f"paint {number} x") for number in range(500)])
    answer = await Gateway(fakes).ask(product_name="paint", top_k=100)
    assert (len(answer.items), answer.why_fewer, fakes.retriever.limits) == (100, None, [400])
    few = await Gateway(Fakes([product(str(n), f"paint {n} x") for n in range(60)])).ask(product_name="paint", top_k=100)
    assert (len(few.items), few.why_fewer) == (60, "only 60 products were found")


async def test_no_wider_round_follows_when_there_are_no_more_products(gateway: Gateway) -> None:
    await gateway.ask(product_name="nail paints", top_k=10)
    assert gateway.fakes.retriever.limits == [50]
