"""The tables that ship with the demo shop: the meanings of the tills' abbreviations, and names edited by hand."""

import csv
from functools import cache
from importlib.resources import files

DEPARTMENT, CATEGORY, QUALIFIER, ANY = "DEPARTMENT", "CATEGORY", "QUALIFIER", ""


@cache
def abbreviations() -> dict[str, str]:
    """Return the tills' single-word abbreviations with their meanings."""
    return {written: meant for written, meant in _rows("abbreviations.csv") if " " not in written and "/" not in written}


@cache
def phrases() -> dict[str, str]:
    """Return abbreviations of several words, or with a slash, with their meanings; the longest first ('W/O' before 'W/')."""
    found = [(written, meant) for written, meant in _rows("abbreviations.csv") if " " in written or "/" in written]
    return dict(sorted(found, key=lambda pair: -len(pair[0])))


@cache
def names() -> dict[tuple[str, str], str]:
    """Return whole names, by where they occur: DEPARTMENT, CATEGORY, the category of a type, ANY category, or as QUALIFIER.

    They are needed where rules lack information: names cut off at 30 characters, and types that mean nothing without their
    category ('PREMIUM' of the ice creams).
    """
    return {(where, written): name for where, written, name in _rows("names.csv")}


@cache
def names_elsewhere() -> dict[str, str]:
    """Return the name of each type that has the same name in all categories in which names.csv lists it."""
    found: dict[str, set[str]] = {}
    for (where, written), name in names().items():
        if where not in (DEPARTMENT, CATEGORY, QUALIFIER):
            found.setdefault(written, set()).add(name)
    return {written: next(iter(same)) for written, same in found.items() if len(same) == 1}


def _rows(file: str) -> list[list[str]]:
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]
