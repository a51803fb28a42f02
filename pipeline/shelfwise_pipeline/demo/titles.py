"""Readable names from till abbreviations: 'FRZN BRKFST ENTREES' becomes 'Frozen Breakfast Entrees'.

A name in names.csv has priority over the rules. The rules drop parentheses (conditions for the till, often cut off), move a
heading behind its kind ('COOKIES: GOURMET' becomes 'Gourmet Cookies'), expand abbreviations, read '/' and '&' as a list, and
use title case.
"""

import re
from functools import cache

from shelfwise_pipeline.demo import wording

SMALL_WORDS = frozenset({"and", "or", "of", "with", "without", "for", "in", "on", "to", "the", "by", "n"})

_PARENTHESES = re.compile(r"\s*\([^)]*(?:\)|$)")
_HEADING = re.compile(r"^([^:]+?)\s*(?::|\s-\s|\s-(?=\w)|(?<=\w)-\s)\s*(.+)$")
_LIST_MARKS = re.compile(r"\s*[/&]\s*")


@cache
def department_name(written: str) -> str:
    return wording.names().get((wording.DEPARTMENT, written)) or readable(written)


@cache
def category_name(written: str) -> str:
    return wording.names().get((wording.CATEGORY, written)) or readable(written)


@cache
def type_name(category: str | None, written: str) -> str:
    """Return a product type's name. The same type may need different names in different categories.

    A type that only qualifies ('PREMIUM') is put before its category. A misplaced one ('REVLON' among the batteries: tills are
    keyed by hand) keeps the name of its usual category.
    """
    names = wording.names()
    if name := names.get((category or wording.ANY, written)) or names.get((wording.ANY, written)):
        return name
    qualifier = names.get((wording.QUALIFIER, written))
    if category and qualifier is not None:
        return f"{qualifier} {category_name(category)}".strip()
    return wording.names_elsewhere().get(written) or readable(written)


def title(kind: str, size: str | None) -> str:
    """Return a product's title: its kind and, unless the kind contains it, its size."""
    return f"{kind}, {size}" if size and size.casefold() not in kind.casefold() else kind


def readable(written: str) -> str:
    """Return a name by the rules alone."""
    text = _PARENTHESES.sub(" ", written.upper()).strip() or written.strip("() ")
    if heading := _HEADING.match(text):
        text = f"{heading[2]} {heading[1]}"
    for phrase, meaning in wording.phrases().items():
        end = "" if phrase.endswith("/") else r"(?![A-Z])"
        text = re.sub(rf"(?<![A-Z]){re.escape(phrase)}{end}", f" {meaning} ", text)
    parts = [" ".join(map(_word, part.split())) for part in _LIST_MARKS.split(text)]
    joined = _as_list([part for part in parts if part])
    return _capital(joined)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_list(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _word(written: str) -> str:
    """Return one word. Words that are not upper case were expanded before."""
    bare = written.strip(".,")
    if not bare or not bare.isupper():
        return bare
    if bare in wording.abbreviations():
        return wording.abbreviations()[bare]
    if "-" in bare:
        glue = " " if bare.endswith("-MAGAZINE") else "-"
        return glue.join(_capital(_word(piece)) for piece in bare.split("-") if piece)
    return bare.lower() if bare.lower() in SMALL_WORDS else bare.capitalize()
