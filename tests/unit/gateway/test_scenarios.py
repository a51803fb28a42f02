from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.errors import InvalidRequest
from shelfwise_gateway.missing_pins import MissingPins
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.scenarios import Scenarios


@pytest.fixture(scope="module")
def shipped() -> Scenarios:
    return Scenarios.load(None)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"product_name": "nail paints"}, "search"),
        ({"product_name": "nail paints", "user_id": "7"}, "search"),
        ({"product_id": "7"}, "similar"),
        ({"product_id": "7", "session_id": "s"}, "similar"),
        ({"product_id": "7", "scenario": "bought-together"}, "bought-together"),
        ({"cart": ["7"]}, "bought-together"),
        ({"cart": ["7"], "user_id": "7"}, "bought-together"),
        ({"cart": ["7", "8"], "scenario": "similar"}, "similar"),
        ({"user_id": "7"}, "for-you"),
        ({"session_id": "s"}, "for-you"),
        ({"user_id": "7", "scenario": "discover"}, "discover"),
        ({"user_id": "7", "scenario": "buy-again"}, "buy-again"),
        ({"session_id": "s", "scenario": "recently-viewed"}, "recently-viewed"),
        ({"scenario": "trending"}, "trending"),
        ({"scenario": "trending", "user_id": "7", "filter": {"category": "Food"}}, "trending"),
    ],
)
def test_the_fields_of_a_request_choose_the_scenario(shipped: Scenarios, asked: dict[str, Any], name: str) -> None:
    assert shipped.choose(RecommendRequest(**asked)).name == name


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"scenario": "sale", "product_id": "7"},
            "scenario: expected one of search, similar, bought-together, for-you, discover, buy-again, recently-viewed, "
            "trending, found 'sale'",
        ),
        (
            {"scenario": "buy-again"},
            "the scenario 'buy-again' answers for a shopper: expected user_id or session_id, found neither",
        ),
        (
            {"scenario": "for-you"},
            "the scenario 'for-you' answers for a shopper: expected user_id or session_id, found neither",
        ),
        ({"scenario": "search"}, "the scenario 'search' answers for a text: expected product_name, found none"),
        (
            {"scenario": "search", "product_id": "7"},
            "the scenario 'search' answers for a text: expected product_name, found product_id",
        ),
        ({"scenario": "similar"}, "the scenario 'similar' answers for a product: expected product_id or cart, found neither"),
        (
            {"scenario": "bought-together", "product_name": "milk"},
            "the scenario 'bought-together' answers for products: expected product_id or cart, found product_name",
        ),
        (
            {"scenario": "for-you", "user_id": "7", "product_id": "7"},
            "the scenario 'for-you' answers without a product: expected no product_id, found one; leave it out",
        ),
        (
            {"scenario": "trending", "cart": ["7"]},
            "the scenario 'trending' answers without a product: expected no cart, found one",
        ),
    ],
)
def test_a_scenario_without_the_fields_it_needs_raises_invalid_request(
    shipped: Scenarios, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        shipped.choose(RecommendRequest(**asked))
    assert refused.value.message.startswith(said)


def test_a_shops_own_file_replaces_the_shipped_scenarios(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "quick: {question: text, candidates: 20, at_most: {brand: 2}}\n"
        "also: {question: text}\n"
        "alike: {question: product, pins: [{product_id: '5', position: 1}]}\n"
    )
    scenarios = Scenarios.load(file)
    quick = scenarios.choose(RecommendRequest(product_name="nail paints"))
    assert (quick.name, quick.scenario.candidates, quick.scenario.at_most) == ("quick", 20, {"brand": 2})
    assert scenarios.choose(RecommendRequest(product_id="7")).scenario.pins[0].product_id == "5"
    with pytest.raises(InvalidRequest, match="no default scenario for cart; send one of quick, also, alike"):
        scenarios.choose(RecommendRequest(cart=["7"]))
    with pytest.raises(InvalidRequest, match="no default scenario for user_id or session_id alone"):
        scenarios.choose(RecommendRequest(user_id="7"))


def test_a_scenarios_filter_holds_unless_the_request_names_the_condition_itself(shipped: Scenarios) -> None:
    scenario = shipped.named["search"]
    assert scenario.conditions(None) == {"in_stock": True}
    assert scenario.conditions(Filter(brand=["Acme"])) == {"in_stock": True, "brand": ["Acme"]}
    assert scenario.conditions(Filter(in_stock=False)) == {"in_stock": False}
    assert Scenario(question="text").conditions(None) is None
    assert Scenario(question="text").conditions(Filter()) is None
    assert Scenario(question="text", filter=Filter()).conditions(None) is None


def test_described_scenarios_say_what_they_take_and_what_means_them(shipped: Scenarios) -> None:
    described = {scenario.name: scenario for scenario in shipped.described(MissingPins(CollectorRegistry())).scenarios}
    assert list(described) == list(shipped.named)
    assert all(scenario.description for scenario in described.values())
    assert (described["search"].takes, described["search"].meant_by) == (["product_name"], "product_name")
    assert (described["bought-together"].takes, described["bought-together"].meant_by) == (["product_id", "cart"], "cart")
    assert (described["for-you"].takes, described["for-you"].meant_by) == ([], "user_id")
    assert (described["buy-again"].shopper, described["buy-again"].meant_by) == ("essential", None)


GOOD = "search: {question: text}\nsimilar: {question: product}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("search: {question: text}", "expected a scenario for the questions \\['product'\\]"),
        (GOOD + "sale:\n  question: text\n  colour: red", "line 5: sale.colour: unknown field"),
        (GOOD + "sale: {question: smell}", "line 3: sale.question: .*'text', 'product'"),
        (GOOD + "sale: {question: text, candidates: 0}", "line 3: sale.candidates: .*found 0"),
        (GOOD + "sale:\n  at_most: {brand: 0}\n  question: text", "line 4: sale.at_most.brand: .*found 0"),
        (GOOD + "sale: {question: user, rest_hours: -1}", "line 3: sale.rest_hours: .*found -1"),
        (GOOD + "sale: {question: text, shopper: maybe}", "line 3: sale.shopper: .*found 'maybe'"),
        (
            GOOD
            + "sale:\n  question: text\n  boosts:\n"
            + "    - where: {brand: Acme}\n      places: 5\n    - where: {}\n      places: 1",
            "line 8: sale.boosts.1: where: expected at least one condition",
        ),
        (
            GOOD + "sale:\n  question: text\n  buries:\n    - {where: {price: {max: -1, min: 1}}, places: 1}",
            "line 6: .*min <= max",
        ),
        (
            GOOD + "sale:\n  question: text\n  boosts: [{where: {brand: A}, places: -2}]",
            "line 5: sale.boosts.0.places: .*found -2",
        ),
        (
            GOOD + "sale: {question: user, order: viewed}",
            "line 3: sale: order: expected one of ranker, retriever .*found 'viewed'",
        ),
        (GOOD + "sale: {question: user, sources: [own], order: viewed}", "ranker, retriever, own .*found 'viewed'"),
        (
            GOOD + "sale: {question: user, sources: [own, nose]}",
            "line 3: sale.sources: expected some of .*trending.*found 'nose'",
        ),
        (GOOD + "sale: {question: user, sources: []}", "line 3: sale.sources: .*at least 1"),
        (
            GOOD + "sale: {question: user, only_purchased: true, exclude_purchased: true}",
            "line 3: sale: expected .* found both",
        ),
        (GOOD + "sale: {question: user, shopper: ignored, exclude_purchased: true}", "line 3: sale: shopper: expected used"),
        (
            GOOD + "sale: {question: text, pins: [{product_id: a, position: 1}, {product_id: b, position: 1}]}",
            "line 3: sale: pins: expected each position and each product only once",
        ),
        (GOOD + "search: {question: text}", "own.yaml, line 3: expected YAML, found 'search' a second time"),
        (GOOD + "sale: [", "own.yaml, line 3: expected YAML, found"),
        ("search: {question: text}\n\tsimilar: {question: product}", r"own.yaml, line 2: expected YAML, found character '\\t'"),
        (GOOD + "---\nsale: {question: user}", "own.yaml, line 3: expected YAML, found another document"),
        (GOOD + "? [a, b]\n: {question: user}", "own.yaml, line 3: expected YAML, found a list where a name belongs"),
        (GOOD + "? {a: b}\n: {question: user}", "own.yaml, line 3: expected YAML, found a map where a name belongs"),
        (
            GOOD + "sale: &a\n  question: user\n  boosts: *a",
            "own.yaml, line 3: expected YAML, found a part that contains itself",
        ),
        (
            GOOD + "sale: {question: user, sources: &a [own, *a]}",
            "own.yaml, line 3: expected YAML, found a part that contains itself",
        ),
        (GOOD + "sale: " + "[" * 5000, "own.yaml, expected YAML, found too many levels of nesting"),
        (GOOD + "'': {question: user}", "line 3: .*expected a name of 1 to 40 letters.*, found ''"),
        (
            GOOD + "sale:\n  question: user\n  boosts: [{where: {brand: }, places: 3}]",
            "line 5: sale.boosts.0: where: expected a value for each condition, found none for brand",
        ),
        (
            GOOD + "sale:\n  question: user\n  boosts: [{where: {attributes: {}, brand: A}, places: 3}]",
            "line 5: sale.boosts.0: where: expected a value for each condition, found none for attributes",
        ),
        (GOOD + "sale:\n  question: user\n  filter: {brand: }", "line 5: sale.filter: expected a value .*found none for brand"),
        (
            GOOD + "sale:\n  question: user\n  filter: {attributes: {size: 12}}",
            "line 5: sale.filter.attributes.size: expected text in quotes, or a list of such texts, found 12",
        ),
        *(
            (GOOD + f"sale: {{question: user, {said}}}", "expected a number, found true")
            for said in (
                "top_k: yes",
                "candidates: yes",
                "per_text: yes",
                "rest_hours: yes",
                "at_most: {brand: yes}",
                "pins: [{product_id: a, position: yes}]",
                "boosts: [{where: {brand: A}, places: yes}]",
            )
        ),
        ("just words", "line 1: the body: "),
        ("", "line 1: the body: "),
    ],
)
def test_an_invalid_scenarios_file_is_refused_with_its_line_and_its_fault(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said) as refused:
        Scenarios.load(file)
    assert "own.yaml" in str(refused.value)
