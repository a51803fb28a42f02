"""The scenarios of a shop by name, and the choice of the scenario for a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shelfwise.contracts.answer_id import label
from shelfwise.contracts.asked import Asked
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise.contracts.scenarios import ExperimentDescription, ScenarioDescription, ScenarioList
from shelfwise.errors import InvalidRequest
from shelfwise.shopper_name import shopper_name
from shelfwise_gateway.missing_pins import MissingPins
from shelfwise_gateway.scenario import SUBJECTS, Scenario
from shelfwise_gateway.scenario_file import read_scenarios

KIND_OF: Final[dict[str, QuestionKind]] = {"product_name": "text", "product_id": "product", "cart": "together"}
"""The kind of question of a request that names no scenario; a request that names only a shopper is of kind `user`."""

_MEANT_BY: tuple[tuple[str, QuestionKind], ...] = (*KIND_OF.items(), ("user_id", "user"))

_ABOUT: dict[QuestionKind, str] = {
    "text": "for a text",
    "product": "for a product",
    "together": "for products",
    "user": "without a product",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenario that answers a request. The answer's id starts with `label`."""

    name: str
    scenario: Scenario
    label: str


class Scenarios:
    """All scenarios by name, in the order of their file."""

    def __init__(self, named: dict[str, Scenario]) -> None:
        """
        Raises:
            ValueError: a kind of question that every shop gets has no scenario.
        """
        self.named = named
        self.first: dict[QuestionKind, str] = {}
        for name, scenario in named.items():
            self.first.setdefault(scenario.question, name)
        missing = {"text", "product"} - self.first.keys()
        if missing:
            raise ValueError(f"expected a scenario for the questions {sorted(missing)}, found {sorted(named)}; add one")

    @classmethod
    def load(cls, path: Path | None) -> "Scenarios":
        """Read `path`, or the packaged file.

        Raises:
            ValueError: not a valid file of scenarios; the message says what is wrong in which line.
        """
        named = read_scenarios(path)
        try:
            return cls(named)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def choose(self, request: RecommendRequest) -> Chosen:
        """The scenario that the request names, else the first one in the file that answers what is given. For shoppers in its
        experiment, the experiment's scenario takes its place.

        Raises:
            InvalidRequest: there is no such scenario, or the request lacks what the scenario needs.
        """
        name = request.scenario or self._inferred(request)
        scenario = self.named.get(name)
        if scenario is None:
            raise InvalidRequest(f"scenario: expected one of {', '.join(self.named)}, found {name!r}")
        _require(request, name, scenario)
        experiment = scenario.experiment
        if experiment is None or not request.has_shopper:
            return Chosen(name, scenario, label(name))
        answering = experiment.scenario if experiment.takes(name, shopper_name(request.user_id, request.session_id)) else name
        return Chosen(answering, self.named[answering], label(name, answering))

    def described(self, missing_pins: MissingPins) -> ScenarioList:
        """The public description of the scenarios."""
        meant_by = {self.first[kind]: field for field, kind in _MEANT_BY if kind in self.first}
        return ScenarioList(
            scenarios=[
                ScenarioDescription(
                    name=name,
                    description=scenario.description,
                    question=scenario.question,
                    takes=list(SUBJECTS[scenario.question]),
                    shopper=scenario.shopper,
                    top_k=scenario.top_k,
                    meant_by=meant_by.get(name),
                    missing_pins=missing_pins.of(name),
                    experiment=scenario.experiment and ExperimentDescription(**scenario.experiment.model_dump()),
                )
                for name, scenario in self.named.items()
            ]
        )

    def _inferred(self, request: Asked) -> str:
        given = request.subjects
        name = self.first.get(KIND_OF[given[0]] if given else "user")
        if name is None:
            what = given[0] if given else "user_id or session_id alone"
            raise InvalidRequest(
                f"expected `scenario`, since this shop has no default scenario for {what}; send one of {', '.join(self.named)}"
            )
        return name


def _require(request: Asked, name: str, scenario: Scenario) -> None:
    needed, given = SUBJECTS[scenario.question], request.subjects
    if needed and not (given and given[0] in needed):
        found = given[0] if given else _neither(needed)
        raise InvalidRequest(
            f"the scenario {name!r} answers {_ABOUT[scenario.question]}: expected {' or '.join(needed)}, found {found}"
        )
    if given and not needed:
        raise InvalidRequest(
            f"the scenario {name!r} answers without a product: expected no {given[0]}, found one; leave it out"
        )
    if scenario.shopper in {"expected", "essential"} and not request.has_shopper:
        raise InvalidRequest(f"the scenario {name!r} answers for a shopper: expected user_id or session_id, found neither")


def _neither(needed: Iterable[str]) -> str:
    return "none" if len(list(needed)) == 1 else "neither"
