"""A validation problem as a sentence: where, what was expected, what was found."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_LONGEST_SHOWN = 60


def sentence(problem: Mapping[str, Any], model: type[BaseModel] | None = None) -> str:
    """One of pydantic's error entries, for people; with `model`, an unknown field is told the known ones."""
    where = ".".join(str(part) for part in problem["loc"]) or "the body"
    if problem["type"] == "extra_forbidden":
        known = f"; expected one of {', '.join(model.model_fields)}" if model and len(problem["loc"]) == 1 else ""
        return f"{where}: unknown field{known}"
    found = problem.get("input")
    said = _plain(str(problem["msg"]).removeprefix("Value error, "), found)
    if problem["type"] == "string_pattern_mismatch" and "\x00" in str(found):
        said = "expected text without the character NUL"
    if problem["type"] in {"missing", "value_error"} or isinstance(found, dict | list):
        return f"{where}: {said}"
    shown = repr(found)
    return f"{where}: {said}, found {shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + '…'}"


def _plain(said: str, found: object) -> str:
    """Without Python's names for lists, and with the items of a text called what they are."""
    said = re.sub(r"valid (tuple|frozenset)$", "valid list", re.sub(r"^Tuple ", "List ", said))
    said = re.sub(r" or instance of \w+$", "", said)
    if isinstance(found, str):
        said = re.sub(r"^Value (.*) item(s?) after validation, not \d+$", r"String \1 character\2", said)
    return said
