"""Times as shops write them: ISO 8601, a few other unmistakable forms, formats named by the map, seconds since 1970."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal

import polars as pl

from shelfwise_pipeline.importing.columns import UTC_TIME

WITH_ZONE = ("%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z")
WITHOUT_ZONE = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
"""Not 03/04/2024: only the shop knows whether that is in March or in April."""
WHOLE_YEAR = r"^\d{4}\D|^[^:]*\D\d{4}(?:\s|$)"
"""A four-digit year, which a date of these forms must have: %Y alone also accepts two digits, and would read 31.12.24 as the
year 24."""
DIGITS = {r"^\d{14}$": "%Y%m%d%H%M%S", r"^\d{8}$": "%Y%m%d"}
"""Formats by the pattern that a text must match. %S accepts one digit, so the ms 1712121212121 could be a December of 1712."""
SLASHED = ("%d/%m/%Y", "%m/%d/%Y")
CLOCKS = ("", " %H:%M:%S", " %H:%M")
US_PER = {"s": 1_000_000, "ms": 1_000, "us": 1}


Unit = Literal["s", "ms", "us"]


def time(text: pl.Expr, formats: Sequence[str] = (), unit: Unit | None = None, timezone: str = "UTC") -> pl.Expr:
    """Return the text's moment, Datetime("us", "UTC"); null if it has none.

    `timezone` applies to times without their own. If an hour occurs twice because clocks go back, the first one is taken; an
    hour that is skipped when they go forward is no time.
    """
    return text.map_batches(lambda texts: _moments(texts, formats, unit, timezone), return_dtype=UTC_TIME, is_elementwise=True)


def _moments(texts: pl.Series, formats: Sequence[str], unit: Unit | None, timezone: str) -> pl.Series:
    """Tries one format after the other, each only on the distinct texts that the previous ones could not read."""
    waiting = texts.unique().drop_nulls()
    read: list[pl.DataFrame] = []
    for moment in _readings(formats, unit, timezone):
        if waiting.is_empty():
            break
        found = waiting.to_frame("text").with_columns(moment(_plain(pl.col("text"), formats)).alias("moment"))
        read.append(found.drop_nulls("moment"))
        waiting = found.filter(pl.col("moment").is_null())["text"]
    if not read:
        return pl.Series(texts.name, [None] * texts.len(), dtype=UTC_TIME)
    known = pl.concat(read)
    return texts.replace_strict(known["text"], known["moment"], default=None, return_dtype=UTC_TIME)


def _plain(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """Normalize the text if no format is named: a blank between day and time, and zones as +01:00."""
    text = text.str.strip_chars()
    if formats:
        return text
    text = text.str.replace(r"^(\d{4}-\d{2}-\d{2})[T_]", "$1 ").str.replace(r"\s?(Z|UTC|GMT)$", "+00:00")
    return text.str.replace(r"(:\d{2}(?:\.\d+)?)\s?([+-]\d{2})(?::?(\d{2}))?$", "$1$2:$3").str.replace(
        r"([+-]\d{2}):$", "${1}:00"
    )


def _readings(formats: Sequence[str], unit: Unit | None, timezone: str) -> Iterator[Callable[[pl.Expr], pl.Expr]]:
    """Yield the ways to read a text. With `unit`, numbers count from 1970, so digits alone are not a date."""
    if formats:
        yield from (partial(_moment, form=form, timezone=timezone) for form in formats)
        return
    for form in (*WITHOUT_ZONE, *WITH_ZONE):
        yield partial(_matching, pattern=WHOLE_YEAR, form=form, timezone=timezone)
    if unit is None:
        for pattern, form in DIGITS.items():
            yield partial(_matching, pattern=pattern, form=form, timezone=timezone)
    yield partial(_epoch, unit=unit)


def _matching(text: pl.Expr, pattern: str, form: str, timezone: str) -> pl.Expr:
    return _moment(pl.when(text.str.contains(pattern)).then(text), form, timezone)


def _moment(text: pl.Expr, form: str, timezone: str) -> pl.Expr:
    if "%z" in form or "%:z" in form:
        return _parsed(text, form)
    moment = _parsed(text, form).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return moment.dt.convert_time_zone("UTC")


def _parsed(text: pl.Expr, form: str) -> pl.Expr:
    if any(directive in form for directive in ("%H", "%I", "%s", "%T", "%R")):
        return text.str.to_datetime(form, time_unit="us", strict=False, exact=True)
    return text.str.to_date(form, strict=False, exact=True).cast(pl.Datetime("us"))


def _epoch(text: pl.Expr, unit: Unit | None) -> pl.Expr:
    """Read numbers of 9 digits or more (from 1973 on). Without a unit, take the one that puts them near the present."""
    value = pl.when(text.str.contains(r"^\d{9,17}(\.\d+)?$")).then(text.cast(pl.Float64, strict=False))
    if unit is None:
        factor = pl.when(value < 1e11).then(US_PER["s"]).when(value < 1e14).then(US_PER["ms"]).otherwise(US_PER["us"])
    else:
        factor = pl.lit(US_PER[unit])
    return pl.from_epoch((value * factor).cast(pl.Int64, strict=False), time_unit="us").dt.replace_time_zone("UTC")


def slashed_format(values: pl.Series) -> str | None:
    """Return the format of dates like 13/04/2024, if the values show unambiguously which number is the day."""
    if not values.str.contains(r"^\s*\d{1,2}/\d{1,2}/\d{4}").any():
        return None
    plain = values.str.strip_chars()
    clear = [
        form + clock
        for form in SLASHED
        for clock in CLOCKS
        if plain.to_frame("text").select(_parsed(pl.col("text"), form + clock)).to_series().null_count() == values.null_count()
    ]
    return clear[0] if len(clear) == 1 else None
