"""The further parts of a proposed product map: paths, prices with a fallback, attributes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl

from shelfwise_pipeline.importing.mapping.evidence import ENOUGH, Evidence
from shelfwise_pipeline.importing.mapping.names import (
    CATEGORY_WORDS,
    FULL_PRICE,
    NUMBERING,
    REDUCED_PRICE,
    ROW_KINDS,
    TAXONOMIES,
    normal,
)

MANY_LINES: Final = 0.5
"""With a smaller share of distinct ids, a file is assumed to have many lines per product."""
SEPARATORS: Final = (">", "|", "/")
BETWEEN_STEPS_ALONE: Final = (">", "|")
"""Separators that occur in a path but not in a name. A slash may occur in a name: "Oils/Ghee"."""
SPLIT_SHARE: Final = 0.3
"""The share of values with a separator from which on a column is assumed to contain paths."""
SEVERAL_SHARE: Final = 0.02
CURRENCY: Final = r"\b[A-Z]{3}\b"

Columns = Mapping[str, Evidence]


def price(columns: Columns, chosen: str) -> Any:
    """Return the reduced price with the usual one as a fallback, if `chosen` is one of the two."""
    names = {normal(name): name for name, column in columns.items() if column.is_number()}
    reduced = next((names[name] for name in REDUCED_PRICE if name in names), None)
    full = next((names[name] for name in FULL_PRICE if name in names), None)
    if reduced is None or full is None or chosen not in (reduced, full):
        return chosen
    return {"column": reduced, "else": full}


def currency(columns: Columns, price: Any) -> Any:
    """Return the currency's entry if prices contain it (`12.50 EUR`), else None."""
    source = {"column": price} if isinstance(price, str) else price
    says = columns[source["column"]].share(pl.col("value").str.contains(CURRENCY))
    return {**source, "extract": CURRENCY} if says >= ENOUGH else None


def image(columns: Columns, chosen: str) -> Any:
    """Return the image's entry: only the first address if a column contains several."""
    several = columns[chosen].share(pl.col("value").str.contains(r"^https?://\S+[,;|\s]+https?://"))
    return {"column": chosen, "extract": r"^https?://[^\s,;|]+"} if several else chosen


def category(columns: Columns, used: set[str]) -> tuple[Any, list[str]]:
    """Return the path's entry, None if no column looks like a step of one, and all columns that do."""
    steps = [name for name, column in columns.items() if name not in used and _is_step(name, column)]
    if (path := _of_levels(columns, steps)) is not None:
        return path, steps
    paths = [name for name in steps if _separator(columns[name], BETWEEN_STEPS_ALONE)]
    shown = sorted(steps, key=lambda name: columns[name].distinct)
    if len(paths) > 1:  # each is a complete path
        shown = [max(paths, key=lambda name: (normal(name).split("_")[0] not in TAXONOMIES, columns[name].distinct))]
    if not shown:
        return None, steps
    if len(shown) == 1:
        return _path(shown[0], columns[shown[0]]), steps
    return {"columns": shown, "split": _separator(columns[paths[0]], SEPARATORS)} if paths else shown, steps


def attributes(columns: Columns, used: set[str]) -> dict[str, str]:
    """Return the columns of labels, by the names to show."""
    labels = {
        normal(name): name
        for name, column in columns.items()
        if name not in used and column.is_label() and not column.is_time() and not column.is_address()
    }
    return {name: column for name, column in labels.items() if name.split("_")[-1] not in NUMBERING}


def _is_step(name: str, column: Evidence) -> bool:
    return (
        column.is_text()
        and (column.distinct_share < MANY_LINES or column.values.len() < 50)
        and any(word in normal(name) for word in CATEGORY_WORDS)
        and not all(part.strip().lower() in ROW_KINDS for value in column.values.unique() for part in value.split(","))
    )


def _of_levels(columns: Columns, steps: Sequence[str]) -> Any:
    """Return the path's entry if columns with separators are numbered (lvl0, lvl1, …), else None."""
    numbered: dict[str, list[str]] = defaultdict(list)
    for name in sorted(steps, key=normal):
        if (stem := normal(name).rstrip("0123456789")) != normal(name):
            numbered[stem].append(name)
    levels = max(numbered.values(), key=len, default=[])
    separator = next((found for name in levels[::-1] if (found := _separator(columns[name], BETWEEN_STEPS_ALONE))), None)
    if len(levels) < 2 or separator is None:
        return None
    if all(_continues(columns[deeper], columns[level]) for level, deeper in pairwise(levels)):
        return {"column": levels[-1], "else": levels[-2::-1], "split": separator}
    # The values of a level are alternatives, not steps.
    return {"columns": levels, "extract": r"^[^|]+"} if separator == "|" else None


def _continues(deeper: Evidence, level: Evidence) -> bool:
    """Return whether a level's values repeat those of the level above: `Home`, `Home > Lamps`."""
    both = pl.DataFrame({"deeper": deeper.all, "level": level.all}).drop_nulls()
    repeats = both.select(pl.col("deeper").str.starts_with(pl.col("level")).mean()).item()
    return repeats is not None and repeats >= ENOUGH


def _path(name: str, column: Evidence) -> Any:
    separator = _separator(column, SEPARATORS)
    if separator is None:
        return name
    several = rf"{separator}[^,]*,[^,]*{separator}".replace("|", r"\|")
    if column.share(pl.col("value").str.contains(several)) >= SEVERAL_SHARE:
        # Several paths: mostly those of the higher levels come first.
        return {"column": name, "extract": "[^,]+$", "split": separator}
    return {"column": name, "split": separator}


def _separator(column: Evidence, separators: tuple[str, ...]) -> str | None:
    holds = (one for one in separators if column.share(pl.col("value").str.contains(one, literal=True)) > SPLIT_SHARE)
    return next(holds, None)
