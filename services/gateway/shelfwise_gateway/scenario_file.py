"""Reads and checks a shop's file of scenarios."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter, ValidationError

from shelfwise.contracts.answer_id import LONGEST_NAME, NAME, RERANKED
from shelfwise.validation import sentence
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.yaml_lines import LinedYaml


def _fit_for_an_id(name: str) -> str:
    if re.fullmatch(NAME, name) is None:
        raise ValueError(
            f"expected a name of 1 to {LONGEST_NAME} letters from a to z, digits, hyphens and underscores, since the ids of "
            f"its answers begin with it, found {name!r}"
        )
    if name == RERANKED:
        raise ValueError(f"expected a name other than {name!r}, with which the ids of POST /rerank begin")
    return name


_FILE = TypeAdapter(dict[Annotated[str, AfterValidator(_fit_for_an_id)], Scenario])


def read_scenarios(path: Path | None) -> dict[str, Scenario]:
    """The scenarios of `path`, or of the packaged file, by name, in the order of the file.

    Raises:
        ValueError: not a valid file of scenarios; the message says what is wrong in which line.
    """
    file = path or resources.files("shelfwise_gateway") / "scenarios.yaml"
    try:
        said = LinedYaml(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}, {error}") from error
    try:
        named = _FILE.validate_python(said.value)
    except ValidationError as error:
        problems = [
            f"line {said.line_of(problem['loc'])}: {sentence(problem)}" for problem in error.errors(include_url=False)[:5]
        ]
        raise ValueError(f"{file} is not a file of scenarios: {'; '.join(problems)}") from error
    problems = [f"line {said.line_of(where)}: {'.'.join(where)}: {what}" for where, what in _impossible_experiments(named)]
    if problems:
        raise ValueError(f"{file} is not a file of scenarios: {'; '.join(problems)}")
    return named


def _impossible_experiments(named: dict[str, Scenario]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The place of each invalid experiment in the file, and what is wrong with it."""
    for name, scenario in named.items():
        if scenario.experiment is None:
            continue
        where, answering = (name, "experiment", "scenario"), scenario.experiment.scenario
        other = named.get(answering)
        if other is None or other is scenario:
            yield where, f"expected one of {', '.join(known for known in named if known != name)}, found {answering!r}"
        elif other.question != scenario.question:
            yield where, f"expected a scenario of question {scenario.question}, found {answering!r} of {other.question}"
        elif other.experiment is not None:
            yield where, f"expected a scenario without an experiment of its own, found {answering!r}, which has one"
