"""Rules for text columns with HTML in them: entities are decoded, tags removed."""

import html
import re

import polars as pl

from shelfwise_pipeline.importing.rules import Rule

ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
"""With its semicolon; without it, `B&notebook` would contain a `&not`."""
TAG = (
    r"(?i)</?(?:a|b|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|small|span|strong|sub|sup|table|tbody|td|th|tr|u|ul)\b[^<>]*>"
)
"""Tags are matched by name, so that `<5 l>` stays."""
DEEPEST = 2
"""How many times a text may have been escaped; `&amp;amp;` is common."""


def markup_rules(column: str) -> list[Rule]:
    """Return rules that decode entities and remove tags in a text column."""
    text = pl.col(column)
    has_entity = text.str.contains(ENTITY)
    readable = pl.when(has_entity).then(text).map_elements(_unescaped, return_dtype=pl.String, skip_nulls=True)
    return [
        Rule(f"{column}_entities", column, "HTML entities were read", has_entity & readable.ne_missing(text), readable),
        Rule(
            f"{column}_tags",
            column,
            "HTML tags were removed",
            text.str.contains(TAG),
            text.str.replace_all(TAG, " "),
        ),
    ]


def _unescaped(text: str) -> str:
    for _ in range(DEEPEST):
        text = re.sub(ENTITY, _character, text)
    return text


def _character(entity: re.Match[str]) -> str:
    written = entity.group()
    found = html.unescape(written)
    return found if found != written else html.unescape(written.lower())  # &Reg; if titles were capitalized
