"""The tables that ship with the demo shop: what the tills' abbreviations mean, and the names that need a human's hand."""

import csv
from functools import cache
from importlib.resources import files

DEPARTMENT, CATEGORY, QUALIFIER, ANY = "DEPARTMENT", "CATEGORY", "QUALIFIER", ""


@cache
def abbreviations() -> dict[str, str]:
    """Single words as the tills write them, to what they mean."""
    return {written: meant for written, meant in _rows("abbreviations.csv") if " " not in written and "/" not in written}


@cache
def phrases() -> dict[str, str]:
    """Abbreviations of more than one word, or with a slash, to what they mean; the longest first ('W/O' before 'W/')."""
    found = [(written, meant) for written, meant in _rows("abbreviations.csv") if " " in written or "/" in written]
    return dict(sorted(found, key=lambda pair: -len(pair[0])))


@cache
def names() -> dict[tuple[str, str], str]:
    """Whole names, by where they occur: DEPARTMENT, CATEGORY, the category of a type, ANY category, or as QUALIFIER.

    They are written out where rules cannot know: names cut off at 30 characters, and types that say nothing without
    their category ('PREMIUM' of the ice creams).
    """
    return {(where, written): name for where, written, name in _rows("names.csv")}


@cache
def names_elsewhere() -> dict[str, str]:
    """Types that have one and the same name in all the categories names.csv has them in, to that name."""
    found: dict[str, set[str]] = {}
    for (where, written), name in names().items():
        if where not in (DEPARTMENT, CATEGORY, QUALIFIER):
            found.setdefault(written, set()).add(name)
    return {written: next(iter(same)) for written, same in found.items() if len(same) == 1}


def _rows(file: str) -> list[list[str]]:
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]
