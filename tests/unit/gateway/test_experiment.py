"""Experiments: which shoppers get the other scenario, and the label that the answer's id carries."""

import math
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from shelfwise.contracts.recommend import RecommendRequest
from shelfwise_gateway.experiment import Experiment
from shelfwise_gateway.missing_pins import MissingPins
from shelfwise_gateway.scenarios import Scenarios

FILE = """
search: {question: text, experiment: {scenario: search-b, share: 0.3}}
search-b: {question: text, candidates: 20}
similar: {question: product}
"""


@pytest.fixture
def scenarios(tmp_path: Path) -> Scenarios:
    file = tmp_path / "scenarios.yaml"
    file.write_text(FILE)
    return Scenarios.load(file)


def milk(**shopper: str) -> RecommendRequest:
    return RecommendRequest(product_name="milk", **shopper)


def test_an_experiments_share_of_shoppers_gets_the_other_scenario(scenarios: Scenarios) -> None:
    chosen = [scenarios.choose(milk(user_id=str(number))) for number in range(10_000)]
    share = sum(one.name == "search-b" for one in chosen) / len(chosen)
    assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.3 * 0.7 / len(chosen)))
    assert {(one.name, one.label, one.scenario.candidates) for one in chosen} == {
        ("search", "search:search", 100),
        ("search-b", "search:search-b", 20),
    }


def test_a_shopper_stays_in_the_scenario_of_the_first_request(scenarios: Scenarios, tmp_path: Path) -> None:
    again = Scenarios.load(tmp_path / "scenarios.yaml")
    for number in range(200):
        first = scenarios.choose(milk(user_id=str(number)))
        assert again.choose(milk(user_id=str(number), session_id="any visit")).name == first.name


def test_a_user_and_a_session_of_the_same_id_are_two_shoppers(scenarios: Scenarios) -> None:
    same = [
        scenarios.choose(milk(user_id=str(number))).name == scenarios.choose(milk(session_id=str(number))).name
        for number in range(2_000)
    ]
    assert sum(same) / len(same) == pytest.approx(0.3**2 + 0.7**2, abs=0.05)


def test_two_experiments_split_the_shoppers_independently() -> None:
    one, other = Experiment(scenario="b", share=0.5), Experiment(scenario="c", share=0.5)
    both = [one.takes("a", str(number)) and other.takes("a", str(number)) for number in range(4_000)]
    assert sum(both) / len(both) == pytest.approx(0.25, abs=0.03)


def test_unknown_shoppers_and_requests_by_scenario_name_are_in_no_experiment(scenarios: Scenarios) -> None:
    stranger = scenarios.choose(milk())
    assert (stranger.name, stranger.label) == ("search", "search")
    by_name = scenarios.choose(milk(user_id="7", scenario="search-b"))
    assert (by_name.name, by_name.label) == ("search-b", "search-b")


def test_described_scenarios_include_their_experiment(scenarios: Scenarios) -> None:
    described = scenarios.described(MissingPins(CollectorRegistry())).scenarios
    assert [one.experiment and one.experiment.model_dump() for one in described] == [
        {"scenario": "search-b", "share": 0.3},
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            "{scenario: other, share: 0.5}",
            "line 2: search.experiment.scenario: expected one of search-b, similar, found 'other'",
        ),
        ("{scenario: search, share: 0.5}", "expected one of search-b, similar, found 'search'"),
        ("{scenario: similar, share: 0.5}", "expected a scenario of question text, found 'similar' of product"),
        ("{scenario: search-b, share: 1}", "line 2: search.experiment.share: .*less than 1, found 1"),
        ("{scenario: search-b, share: 0}", "greater than 0, found 0"),
        ("{scenario: search-b}", "line 2: search.experiment.share: Field required"),
    ],
)
def test_an_invalid_experiment_is_refused_with_what_was_expected(tmp_path: Path, said: str, found: str) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(FILE.replace("{scenario: search-b, share: 0.3}", said))
    with pytest.raises(ValueError, match=found):
        Scenarios.load(file)


def test_an_experiment_within_an_experiment_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(FILE.replace("candidates: 20", "experiment: {scenario: search, share: 0.1}"))
    with pytest.raises(ValueError, match="without an experiment of its own, found 'search-b', which has one"):
        Scenarios.load(file)


@pytest.mark.parametrize("name", ["spring sale", "frühling", "a.b", "a:b", "x" * 41])
def test_a_scenario_name_that_no_answer_id_can_begin_with_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(f"{FILE}'{name}': {{question: user}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="expected a name of 1 to 40 letters from a to z, digits, hyphens and underscores"):
        Scenarios.load(file)


def test_the_scenario_name_rerank_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(f"{FILE}rerank: {{question: user}}\n")
    with pytest.raises(ValueError, match="expected a name other than 'rerank', with which the ids of POST /rerank begin"):
        Scenarios.load(file)
