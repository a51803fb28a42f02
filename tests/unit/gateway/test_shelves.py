"""The shipped scenarios, each over the fakes: what is asked of the services, and what is shown."""

from typing import Any

import pytest

from shelfwise.errors import UnknownProduct, UpstreamUnavailable
from tests.unit.gateway.asked import Gateway, ids
from tests.unit.gateway.catalog import PRODUCTS, Fakes, history, product

BUYER = history(("2", 0, 3), ("7", 4, 0), ("6", 1, 1), ("1", 2, 0))


@pytest.fixture
def gateway() -> Gateway:
    fakes = Fakes()
    fakes.ranker.histories = {"buyer": BUYER, "visit": history(("3", 0, 1))}
    return Gateway(fakes)


def question(gateway: Gateway) -> Any:
    return gateway.fakes.retriever.asked[-1]


async def test_a_text_with_a_shopper_passes_the_history_along(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail paints", user_id="buyer", top_k=2)
    assert (answer.scenario, answer.degraded) == ("search", [])
    assert question(gateway).history == BUYER
    assert gateway.fakes.ranker.asked[-1].history == BUYER
    assert {"embed", "context", "retrieve", "rank"} <= answer.timings_ms.keys()


@pytest.mark.parametrize("asking", [{"product_name": "nail paints"}, {"product_id": "6"}])
async def test_a_scenario_that_ignores_the_shopper_passes_no_history_along(asking: dict[str, Any]) -> None:
    plain = {"question": "text" if "product_name" in asking else "product", "shopper": "ignored"}
    gateway = Gateway(Fakes(), same_for_all=plain)
    gateway.fakes.ranker.histories = {"buyer": BUYER}
    answer = await gateway.ask(**asking, user_id="buyer", scenario="same-for-all")
    assert "context" not in answer.timings_ms
    assert question(gateway).history is None
    assert gateway.fakes.ranker.asked[-1].history is None


async def test_the_vector_and_the_history_are_requested_at_the_same_time(gateway: Gateway) -> None:
    gateway.fakes.embedder.delay_s = gateway.fakes.ranker.delay_s = 0.1
    answer = await gateway.ask(product_name="nail paints", user_id="buyer", top_k=2)
    assert answer.degraded == []
    timings = answer.timings_ms
    assert timings["total"] < timings["embed"] + timings["context"] + timings["rank"]


async def test_a_text_without_a_shopper_requests_no_history(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert "context" not in answer.timings_ms
    assert gateway.fakes.ranker.calls == 1


async def test_a_cart_gets_what_is_bought_together_with_its_products(gateway: Gateway) -> None:
    answer = await gateway.ask(cart=["1", "6", "1"], user_id="buyer", top_k=5)
    assert answer.scenario == "bought-together"
    assert (question(gateway).kind, question(gateway).seeds) == ("together", ["1", "6"])
    assert set(ids(answer)) == {"2", "4"}, "neither the cart's own nor a second variant: 3 is one of 1"
    assert all(item.sources == ["together"] for item in answer.items)
    assert gateway.fakes.embedder.calls == 0


async def test_a_product_id_gets_similar_products_or_those_bought_together(gateway: Gateway) -> None:
    assert (await gateway.ask(product_id="6")).scenario == "similar"
    assert question(gateway).kind == "product"
    assert (await gateway.ask(product_id="6", scenario="bought-together")).scenario == "bought-together"
    assert (question(gateway).kind, question(gateway).seeds) == ("together", ["6"])


async def test_unknown_products_of_a_cart_are_reported_unless_all_are_unknown(gateway: Gateway) -> None:
    """The known products are enough for an answer."""
    some = await gateway.ask(cart=["1", "nobody"])
    assert (some.unknown, ids(some)) == (["nobody"], ids(await gateway.ask(cart=["1"])))
    assert (await gateway.ask(cart=["1", "2"])).unknown == []
    with pytest.raises(UnknownProduct, match="'nobody'"):
        await gateway.ask(cart=["nobody"])


async def test_for_you_shows_products_of_the_history_and_new_ones(gateway: Gateway) -> None:
    answer = await gateway.ask(user_id="buyer", top_k=10)
    assert (answer.scenario, question(gateway).kind, question(gateway).sources) == ("for-you", "user", None)
    assert set(ids(answer)) == {"7", "1", "2", "6", "4"}, "1 and 3, 4 and 5 are variants"
    assert {item.product_id: item.sources for item in answer.items}["7"] == ["own", "trending"]


async def test_a_session_without_a_user_has_a_history_too(gateway: Gateway) -> None:
    await gateway.ask(session_id="visit", top_k=10)
    assert question(gateway).history["products"] == ["3"]


async def test_a_shopper_without_history_gets_trending_products(gateway: Gateway) -> None:
    answer = await gateway.ask(user_id="stranger", top_k=3)
    assert question(gateway).history is None
    assert (answer.degraded, ids(answer)) == ([], ["1", "2", "4"])
    assert all(item.sources == ["trending"] for item in answer.items)


async def test_discover_shows_no_bought_products(gateway: Gateway) -> None:
    answer = await gateway.ask(user_id="buyer", scenario="discover", exclude=["5"])
    assert question(gateway).exclude == ["5", "7", "6", "1"], "the request's own first"
    assert set(ids(answer)) == {"2", "4"}, "nor a variant: 3 is one of 1"


async def test_purchases_are_excluded_besides_as_many_products_as_a_request_may_exclude(gateway: Gateway) -> None:
    own = [f"x{number}" for number in range(1000)]
    await gateway.ask(user_id="buyer", scenario="discover", exclude=own)
    assert question(gateway).exclude == [*own, "7", "6", "1"]


async def test_purchases_beyond_the_retrievers_exclude_limit_are_hidden_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfwise_gateway.flow.MAX_EXCLUDED", 1000)
    fakes = Fakes([product(str(number), f"thing {number} x") for number in range(1020)])
    fakes.ranker.histories = {"buyer": history(*((str(number), 1, 0) for number in reversed(range(1000))))}
    asked: dict[str, Any] = {"user_id": "buyer", "scenario": "discover", "exclude": ["1018", "1019"], "top_k": 20}
    answer = await Gateway(fakes).ask(**asked)
    assert len(fakes.retriever.asked[-1].exclude) == 1000
    assert sorted(map(int, ids(answer))) == list(range(1000, 1018))
    assert answer.why_fewer == "2 of 20 products found are excluded"


async def test_buy_again_shows_the_shoppers_own_purchases(gateway: Gateway) -> None:
    answer = await gateway.ask(user_id="buyer", scenario="buy-again")
    assert (ids(answer), question(gateway).sources) == (["7", "1", "6"], ["own"])
    assert question(gateway).exclude == ["2"], "looked at, never bought"
    assert answer.why_fewer == "only 3 products of this shopper's history can be shown"


@pytest.mark.parametrize("scenario", ["buy-again", "for-you"])
async def test_a_product_bought_a_moment_ago_is_not_shown(gateway: Gateway, scenario: str) -> None:
    just_bought, *_ = BUYER["products"]
    moment_ago = {"last_purchase_s": [600.0, *BUYER["last_purchase_s"][1:]]}
    gateway.fakes.ranker.histories["buyer"] = {**BUYER, **moment_ago}
    answer = await gateway.ask(user_id="buyer", scenario=scenario, top_k=20)
    assert just_bought not in ids(answer)
    assert question(gateway).exclude[0] == just_bought


PARKAS = [product(key, f"Quilted parka {size}", variant_group="parka") for key, size in (("V1", "M"), ("V2", "L"), ("V3", "S"))]


async def test_variants_of_the_products_asked_about_are_not_shown() -> None:
    gateway = Gateway(Fakes([*PARKAS, product("B", "Wool scarf"), product("S", "wool SCARF"), product("C", "Wool scarf, L")]))
    together = await gateway.ask(cart=["V1"])
    assert ids(together) == ["B"]
    assert together.why_fewer == (
        "2 of 5 products found are variants of those shown; "
        "2 of 5 products found are variants of products that are asked about or excluded"
    )
    assert ids(await gateway.ask(product_id="B")) == ["V1", "C"], "of a scarf another size may be wanted, the same again is not"
    listed = await gateway.rerank(candidates=["V2", "B", "V3"], product_id="V1", collapse=True)
    assert (ids(listed), listed.why_fewer) == (["B"], "of 3 candidates: 2 variants of products that are asked about")
    assert set(ids(await gateway.rerank(candidates=["V2", "B"], product_id="V1"))) == {"V2", "B"}


async def test_variants_of_bought_or_viewed_products_are_hidden_with_those_products() -> None:
    fakes = Fakes([*PARKAS, product("B", "Wool scarf")])
    bought, viewed = history(("V1", 1, 0)), history(("V1", 0, 1), ("V3", 0, 1), ("V2", 2, 0))
    fakes.ranker.histories = {"today": {**bought, "last_purchase_s": [3600.0]}, "once": bought, "viewer": viewed}
    gateway = Gateway(fakes, fresh={"question": "user", "exclude_viewed": True, "collapse": ["variant_group"]})
    assert ids(await gateway.ask(user_id="today")) == ["B"], "it rests, and so do its variants"
    assert ids(await gateway.ask(user_id="once")) == ["V1", "B"]
    assert ids(await gateway.ask(user_id="once", scenario="discover")) == ["B"]
    assert ids(await gateway.ask(user_id="viewer", scenario="fresh")) == ["B"]
    assert ids(await gateway.ask(user_id="viewer", scenario="buy-again")) == ["V2"], "that others were looked at is no matter"
    assert ids(await gateway.ask(user_id="viewer", scenario="recently-viewed")) == ["V1"]
    assert ids(await gateway.ask(user_id="once", scenario="trending")) == ["V1", "B"]


async def test_excluding_a_product_does_not_exclude_its_variants() -> None:
    gateway = Gateway(Fakes([*PARKAS, product("B", "Wool scarf")]))
    assert ids(await gateway.ask(cart=["B"], exclude=["V1"])) == ["V2"]


async def test_a_pinned_variant_of_a_product_asked_about_is_shown() -> None:
    pins = [{"product_id": "V3", "position": 1}]
    pinning = {"question": "together", "pins": pins, "collapse": ["variant_group"]}
    gateway = Gateway(Fakes([*PARKAS, product("B", "Wool scarf")]), pinning=pinning)
    assert ids(await gateway.ask(cart=["V1"], scenario="pinning")) == ["V3", "B"]


async def test_recently_viewed_is_in_the_order_of_viewing(gateway: Gateway) -> None:
    answer = await gateway.ask(user_id="buyer", scenario="recently-viewed", explain=True)
    assert ids(answer) == ["2", "6"]
    assert gateway.fakes.ranker.calls == 1, "the history; there is nothing to rank"
    for item in answer.items:
        assert item.reason is not None
        assert item.reason.sentence == "you looked at it recently"
        assert item.reason.contributions == {"viewed": item.score}


@pytest.mark.parametrize("scenario", ["buy-again", "recently-viewed"])
async def test_a_shopper_without_history_has_no_own_products(gateway: Gateway, scenario: str) -> None:
    answer = await gateway.ask(user_id="stranger", scenario=scenario)
    assert (answer.items, answer.why_fewer) == ([], "nothing is known about this shopper yet")


async def test_buy_again_is_empty_for_a_shopper_without_purchases(gateway: Gateway) -> None:
    answer = await gateway.ask(session_id="visit", scenario="buy-again")
    assert (answer.items, answer.why_fewer) == ([], "nothing in this shopper's history fits")


async def test_trending_is_the_same_for_everybody(gateway: Gateway) -> None:
    whole = await gateway.ask(scenario="trending", top_k=3)
    assert (ids(whole), gateway.fakes.ranker.calls) == (["1", "2", "4"], 0)
    assert ids(await gateway.ask(scenario="trending", top_k=3, user_id="buyer")) == ids(whole)
    food = await gateway.ask(scenario="trending", filter={"category": "food"})
    assert ids(food) == ["7"]


async def test_top_k_is_the_scenarios_unless_the_request_sets_it(gateway: Gateway) -> None:
    fakes = Fakes([product(str(number), f"paint {chr(97 + number)}") for number in range(26)])
    gateway = Gateway(fakes, wide={"question": "text", "top_k": 20})
    assert len((await gateway.ask(product_name="paint")).items) == 10
    assert len((await gateway.ask(product_name="paint", scenario="wide")).items) == 20
    assert len((await gateway.ask(product_name="paint", scenario="wide", top_k=2)).items) == 2


async def test_a_pin_is_fetched_when_no_source_finds_it(gateway: Gateway) -> None:
    sale = {
        "question": "text",
        "filter": {"in_stock": True},
        "pins": [{"product_id": "7", "position": 2}, {"product_id": "out", "position": 1}, {"product_id": "1", "position": 3}],
    }
    fakes = Fakes([*PRODUCTS, product("out", "Sold out", in_stock=False)])
    answer = await Gateway(fakes, sale=sale).ask(product_name="nail paints", scenario="sale", top_k=4)
    assert ids(answer)[1:3] == ["7", "1"], "the one out of stock is refused by the filter"
    assert "out" not in ids(answer)
    sources = {item.product_id: item.sources for item in answer.items}
    assert (sources["1"], sources["7"]) == (["lexical", "dense"], [])
    hidden = await Gateway(fakes, sale=sale).ask(product_name="nail paints", scenario="sale", exclude=["7"])
    assert "7" not in ids(hidden)
    assert ["out", "1"] in [asked.only for asked in fakes.retriever.asked], "one that is not shown is not fetched"


async def test_boosts_and_buries_apply_by_attribute_brand_and_price(gateway: Gateway) -> None:
    fakes = Fakes(
        [
            product("a", "red paint", price=1.0),
            product("b", "red paint", price=9.0, attributes={"Finish": "Matte"}),
            product("c", "red paint", rating=4.9),
            product("d", "red paint", brand="Acme"),
        ]
    )
    rules = {
        "question": "text",
        "boosts": [{"where": {"attributes": {"finish": "matte"}}, "places": 50}, {"where": {"brand": "acme"}, "places": 20}],
        "buries": [{"where": {"price": {"max": 2}}, "places": 10}],
    }
    answer = await Gateway(fakes, rules=rules).ask(product_name="red paint", scenario="rules")
    assert ids(answer) == ["b", "d", "c", "a"]


async def test_exclude_viewed_leaves_viewed_products_out(gateway: Gateway) -> None:
    fresh = {"question": "user", "exclude_viewed": True}
    gateway = Gateway(gateway.fakes, fresh=fresh)
    assert {"2", "6"}.isdisjoint(ids(await gateway.ask(user_id="buyer", scenario="fresh")))


async def test_order_by_a_source_shows_last_what_the_source_did_not_find(gateway: Gateway) -> None:
    """The fake's dense source finds every second candidate."""
    gateway = Gateway(gateway.fakes, near={"question": "text", "sources": ["dense", "lexical"], "order": "dense"})
    assert ids(await gateway.ask(product_name="nail paints", scenario="near")) == ["1", "3", "2", "4", "5", "6"]
    gateway.fakes.embedder.fault = UpstreamUnavailable("down")
    unordered = await gateway.ask(product_name="nail paints", scenario="near")
    assert (ids(unordered), unordered.degraded) == (["1", "2", "3", "4", "5", "6"], ["without_embedder"])


async def test_order_retriever_shows_the_retrievers_order_without_ranking(gateway: Gateway) -> None:
    gateway = Gateway(gateway.fakes, plain={"question": "text", "order": "retriever"})
    answer = await gateway.ask(product_name="nail file", scenario="plain", explain=True, top_k=1)
    assert (ids(answer), answer.items[0].score, gateway.fakes.ranker.calls) == (["6"], 2.0, 0)
    assert answer.items[0].reason is not None
    assert answer.items[0].reason.contributions == {"order_of_retrieval": 2.0}
    assert answer.items[0].reason.sentence == "fits what was asked for"


@pytest.mark.parametrize(("pinned", "ranked"), [([], ["1", "2", "3"]), (["7"], ["1", "2", "7"])])
async def test_no_more_candidates_are_ranked_than_the_ranker_takes(
    gateway: Gateway, pinned: list[str], ranked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfwise_gateway.flow.MAX_RANKED", 3)
    pins = [{"product_id": product_id, "position": 1} for product_id in pinned]
    gateway = Gateway(gateway.fakes, pinning={"question": "text", "pins": pins})
    answer = await gateway.ask(product_name="nail paints", scenario="pinning")
    assert (sorted(ids(answer)), answer.degraded) == (ranked, [])


async def test_the_reason_of_a_pinned_product_is_chosen_by_the_shop() -> None:
    """Because the ranker's score is not why it is shown."""
    pins = [{"product_id": "7", "position": 1}]
    gateway = Gateway(Fakes(), pinning={"question": "text", "pins": pins})
    answer = await gateway.ask(product_name="nail file", scenario="pinning", explain=True, top_k=3)
    said = {item.product_id: item.reason.sentence for item in answer.items if item.reason is not None}
    assert (ids(answer)[0], said["7"], answer.items[0].sources) == ("7", "chosen by the shop", [])
    assert set(said.values()) == {"chosen by the shop", "matches nail file"}
    assert [part.code for part in answer.items[0].reason.parts] == ["pinned"]  # type: ignore[union-attr]
    for item in answer.items:
        assert item.reason is not None
        assert item.reason.base + sum(item.reason.contributions.values()) == item.score
    gateway.fakes.ranker.explain_fault = UpstreamUnavailable("down")
    bare = await gateway.ask(product_name="nail file", scenario="pinning", explain=True, top_k=3)
    assert (ids(bare), [item.reason for item in bare.items], bare.degraded) == (ids(answer), [None] * 3, ["without_reasons"])


async def test_pins_missing_from_the_catalog_are_logged_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    pins = [{"product_id": key, "position": 1 + place} for place, key in enumerate(["7", "gone", "lost"])]
    gateway = Gateway(Fakes(), pinning={"question": "text", "pins": pins})
    missing = gateway.recommender.missing_pins
    assert missing.of("pinning") == []
    for _ in range(2):
        assert ids(await gateway.ask(product_name="nail file", scenario="pinning"))[0] == "7"
    await gateway.ask(product_name="nail file", scenario="pinning", exclude=["gone"])
    assert missing.of("pinning") == ["gone", "lost"], "one that was not looked for may still be missing"
    told = [record for record in caplog.records if record.message == "pinned products are not in the catalog"]
    assert [vars(record)["products"] for record in told] == [["gone", "lost"]]
    gateway.fakes.retriever.products["lost"] = product("lost", "Found again")
    assert "lost" in ids(await gateway.ask(product_name="nail file", scenario="pinning"))
    assert missing.of("pinning") == ["gone"]
    counted = gateway.metrics.registry.get_sample_value("shelfwise_pins_missing", {"scenario": "pinning"})
    assert counted == 1


async def test_without_a_question_no_reason_claims_a_match() -> None:
    fakes = Fakes()
    fakes.ranker.histories = {"buyer": BUYER}
    own = {"question": "user", "sources": ["own", "trending"], "order": "own"}
    gateway = Gateway(fakes, hot={"question": "user", "sources": ["trending"], "order": "trending"}, mixed=own)
    hot = await gateway.ask(scenario="hot", explain=True)
    assert {item.reason.sentence for item in hot.items if item.reason is not None} == {"popular at present"}
    mixed = await gateway.ask(scenario="mixed", user_id="buyer", explain=True)
    said = {item.product_id: item.reason.sentence for item in mixed.items if item.reason is not None}
    assert said["7"] == "you bought it before"
    assert said["4"] == "one of the shop's suggestions", "found by another source than the one that orders"
