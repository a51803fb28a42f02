"""A validation problem as a sentence: where, what was expected, what was found."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shelfwise.errors import InvalidRequest, MalformedBody

MOST_PROBLEMS = 5_000
"""Five for each of a thousand events. A body of the allowed size may have a hundred times as many, and listing those would take
a second, in which nobody else is answered."""

_LONGEST_SHOWN = 60


def problems_of(error: ValidationError) -> list[ErrorDetails]:
    """All problems of a request.

    Raises:
        InvalidRequest: there are more than anybody reads.
    """
    if (found := error.error_count()) > MOST_PROBLEMS:
        raise InvalidRequest(f"expected a body as described in /docs, found {found} mistakes in it")
    return error.errors(include_url=False, include_context=False)


def refused(error: ValidationError, model: type[BaseModel]) -> InvalidRequest | MalformedBody:
    """The exception for a body that is not a `model`: its first mistakes, or that it is not JSON.

    Raises:
        InvalidRequest: there are more mistakes than anybody reads.
    """
    problems = problems_of(error)
    if problems[0]["type"] == "json_invalid":
        return MalformedBody(f"expected a JSON object, found something else: {problems[0]['msg']}")
    return InvalidRequest("; ".join(sentence(problem, model) for problem in problems[:5]))


def sentence(problem: Mapping[str, Any], model: type[BaseModel] | None = None) -> str:
    """One of pydantic's error entries, for people; with `model`, the sentence on an unknown field lists the known ones."""
    where = ".".join(_short(str(part)) for part in problem["loc"]) or "the body"
    if problem["type"] == "extra_forbidden":
        known = f"; expected one of {', '.join(model.model_fields)}" if model and len(problem["loc"]) == 1 else ""
        return f"{where}: unknown field{known}"
    found = problem.get("input")
    said = _plain(str(problem["msg"]).removeprefix("Value error, "), found)
    if problem["type"] == "string_pattern_mismatch" and "\x00" in str(found):
        said = "expected text without the character NUL"
    if problem["type"] in {"missing", "value_error"} or isinstance(found, dict | list):
        return f"{where}: {said}"
    return f"{where}: {said}, found {_short(repr(found))}"


def _short(shown: str) -> str:
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


def _plain(said: str, found: object) -> str:
    """Replace Python's names for lists, and call the items of a text characters."""
    said = re.sub(r"valid (tuple|frozenset)$", "valid list", re.sub(r"^Tuple ", "List ", said))
    said = re.sub(r" or instance of \w+$", "", said)
    if isinstance(found, str):
        said = re.sub(r"^Value (.*) item(s?) after validation, not \d+$", r"String \1 character\2", said)
    return said
