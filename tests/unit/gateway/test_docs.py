"""The documentation of scenarios, reasons and outcomes, and the README's requests, checked against the code."""

import re
from pathlib import Path

import pytest

from shelfwise.contracts.batch import BatchRequest
from shelfwise.contracts.reason import SENTENCES, SUBJECTS
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.contracts.rerank import RerankRequest
from shelfwise.contracts.retrieve import EVERY_SOURCE
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.scenarios import Scenarios

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
SHIPPED = (ROOT / "services" / "gateway" / "shelfwise_gateway" / "scenarios.yaml").read_text(encoding="utf-8")


def test_the_shipped_scenarios_file_explains_every_field() -> None:
    explained = "\n".join(line for line in SHIPPED.splitlines() if line.startswith("#"))
    assert [field for field in Scenario.model_fields if not re.search(rf"\b{field}\b", explained)] == []


def test_the_scenarios_page_names_every_scenario_and_every_source() -> None:
    assert [name for name in Scenarios.load(None).named if f"`{name}`" not in PAGE] == []
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \|$", PAGE, re.MULTILINE)) == EVERY_SOURCE


def test_the_reasons_page_names_every_code_with_its_english_sentence() -> None:
    page = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE))
    assert told == {code: sentence.replace("{subject}", "…") for code, sentence in SENTENCES.items()}
    assert [what for what in SUBJECTS if f"`{what}`" not in page] == []


def test_the_example_on_the_scenarios_page_can_be_loaded(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "example.yaml"
    file.write_text(example, encoding="utf-8")
    assert Scenarios.load(file).choose(RecommendRequest(user_id="7")).name == "spring-sale"


def test_the_example_on_the_outcomes_page_is_a_working_experiment(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "example.yaml"
    file.write_text(f"search: {{question: text}}\nsimilar: {{question: product}}\n{example}", encoding="utf-8")
    scenarios = Scenarios.load(file)
    answering = {scenarios.choose(RecommendRequest(user_id=str(number))).name for number in range(100)}
    assert answering == {"for-you", "for-you-b"}


ASKED = {
    name: re.findall(r"`(\{\"[^`]+\})`", (ROOT / name).read_text(encoding="utf-8"))
    for name in ("README.md", "docs/coming-from.md")
}


@pytest.mark.parametrize(("page", "body"), [(page, body) for page, bodies in ASKED.items() for body in bodies])
def test_the_request_bodies_on_a_page_are_valid(page: str, body: str) -> None:
    if "candidates" in body:
        RerankRequest.model_validate_json(body)
    elif "requests" in body:
        for request in BatchRequest.model_validate_json(body).requests:
            Scenarios.load(None).choose(request)
    else:
        Scenarios.load(None).choose(RecommendRequest.model_validate_json(body))
