from pathlib import Path

import pytest

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise_gateway.scenarios import Scenario, Scenarios


def test_the_scenarios_that_come_along() -> None:
    scenarios = Scenarios.load(None)
    name, scenario = scenarios.infer(RecommendRequest(product_name="nail paints"))
    assert (name, scenario.question) == ("search", "text")
    assert scenario.collapse == {"title", "variant_group"}
    name, scenario = scenarios.infer(RecommendRequest(product_id="7"))
    assert (name, scenario.question) == ("similar", "product")


def test_a_file_of_the_shops_own(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "quick: {question: text, candidates: 20, at_most: {brand: 2}}\n"
        "also: {question: text}\n"
        "alike: {question: product, pins: [{product_id: '5', position: 1}]}\n"
    )
    scenarios = Scenarios.load(file)
    name, scenario = scenarios.infer(RecommendRequest(product_name="nail paints"))
    assert (name, scenario.candidates, scenario.at_most) == ("quick", 20, {"brand": 2})
    assert scenarios.infer(RecommendRequest(product_id="7"))[1].pins[0].product_id == "5"


def test_a_scenarios_filter_holds_unless_the_request_names_the_condition_itself() -> None:
    _, scenario = Scenarios.load(None).infer(RecommendRequest(product_name="nail paints"))
    assert scenario.conditions(None) == {"in_stock": True}
    assert scenario.conditions(Filter(brand=["Acme"])) == {"in_stock": True, "brand": ["Acme"]}
    assert scenario.conditions(Filter(in_stock=False)) == {"in_stock": False}
    assert Scenario(question="text").conditions(None) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("search: {question: text}", "expected a scenario for the questions \\['product'\\]"),
        ("search: {question: text, colour: red}", "search.colour: unknown field"),
        ("search: {question: smell}", "search.question: .*'text', 'product'"),
        ("search: {question: text, candidates: 0}", "search.candidates: .*found 0"),
        ("search: {question: text, pins: [{product_id: a, position: 1}, {product_id: b, position: 1}]}", "found one of them"),
        ("search: [", "expected YAML in"),
        ("just words", "not a file of scenarios"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        Scenarios.load(file)
