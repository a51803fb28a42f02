"""Numbers, times, yes and no, paths and titles as shops write them."""

from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl
import pytest

from shelfwise_pipeline.importing.mapping.decimals import proved
from shelfwise_pipeline.importing.mapping.model import FieldSource
from shelfwise_pipeline.importing.mapping.numbers import number
from shelfwise_pipeline.importing.mapping.paths import path
from shelfwise_pipeline.importing.mapping.texts import text, titled
from shelfwise_pipeline.importing.mapping.times import slashed_format, time
from shelfwise_pipeline.importing.mapping.truths import truth


def read(expression: pl.Expr, *values: str | None) -> list[Any]:
    return pl.DataFrame({"x": values}, schema={"x": pl.String}).select(expression.alias("y"))["y"].to_list()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3.99", 3.99), ("-3", -3), (".99", 0.99), ("1e3", 1000), ("5.", 5),
        ("₹1,299", 1299), ("Rs. 1,299.00", 1299), ("Rs.500", 500), ("$.99", 0.99), ("5 USD", 5), ("€ 5,-", 5),
        ("1.234,56", 1234.56), ("1,234.56", 1234.56), ("12,50", 12.5), ("0,500", 0.5), ("1,234", 1234), ("1.234", 1.234),
        ("1.234.567", 1234567), ("1,29,999.00", 129999), ("1 299,00", 1299), ("1\u00a0299", 1299), ("1'299.50", 1299.5),
        ("$-5", -5), ("-$5", -5), ("(5.00)", -5),
        ("3-", -3), ("12.50-", -12.5), ("1.234,56 -", -1234.56), ("12.50- €", -12.5), ("12.50- EUR", -12.5), ("12.50−", -12.5),
        ("12,-", 12), ("12.-", 12), ("12,- €", 12), ("3-pack", 3), ("3 - pieces", 3),
        ("10.00 - 20.00", None), ("5 x 3", None), ("12 13", None), ("free", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_shops_write_them(written: str | None, meant: float | None) -> None:
    assert read(number(pl.col("x")), written) == [meant]


@pytest.mark.parametrize(("decimal", "meant"), [(",", 1234.0), (".", 1.234)])
def test_a_given_decimal_separator_is_used(decimal: Literal[".", ","], meant: float) -> None:
    assert read(number(pl.col("x"), decimal), "1.234", "x") == [meant, None]


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        ("49,90", ","), ("1.299,00", ","), ("€ 1 299,00", ","), ("0,500", ","), ("1234,567", ","), ("1.234.567", ","),
        ("4.5", "."), ("$.99", "."), ("1,299.00", "."), ("1,29,999.00", "."), ("1,234,567", "."), ("0.500", "."),
        ("1.299", None), ("€ 1.299", None), ("1,299", None), ("12", None), ("12,-", None), ("5.", None), ("31.12.2024", None),
        ("free", None), (None, None),
    ],
)  # fmt: skip
def test_only_unambiguous_numbers_prove_a_decimal_sign(written: str | None, sign: str | None) -> None:
    assert read(proved(pl.col("x")), written, "x") == [sign, None]


NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01T12:00:00Z", NOON),
        ("2024-03-01 12:00:00", NOON),
        ("2024-03-01T13:00:00.000+01:00", NOON),
        ("2024-03-01 07:00:00-0500", NOON),
        ("2024-03-01 12:00:00 UTC", NOON),
        ("2024-03-01 12:00:00 GMT", NOON),
        ("2024/03/01 12:00", NOON),
        ("1.3.2024 12:00", NOON),
        ("20240301120000", NOON),
        ("1709294400", NOON),
        ("1709294400000", NOON),
        ("1709294400000000", NOON),
        ("1712121212121", datetime(2024, 4, 3, 5, 13, 32, 121_000, tzinfo=UTC)),
        ("20240301", NOON.replace(hour=0)),
        ("Mar 1, 2024", NOON.replace(hour=0)),
        ("12345678", None),
        ("31.12.24", None),
        ("24-03-01 12:00:00.1234", None),
        ("24-03-01 12:00+0100", None),
        ("1-Mar-24", None),
        ("03/04/24", None),
        ("2024-03-01", NOON.replace(hour=0)),
        ("1-Mar-2024", NOON.replace(hour=0)),
        ("03/04/2024", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_are_read_as_shops_write_them(written: str | None, meant: datetime | None) -> None:
    assert read(time(pl.col("x")), written) == [meant]


def test_times_without_a_zone_are_in_the_given_one() -> None:
    summer, winter, gap = read(
        time(pl.col("x"), timezone="Europe/Berlin"), "2024-07-01 12:00", "2024-01-01 12:00", "2024-03-31 02:30"
    )
    assert (summer.hour, winter.hour, gap) == (10, 11, None)
    said = read(time(pl.col("x"), timezone="Europe/Berlin"), "2024-03-01 12:00:00 GMT", "2024-03-01T12:00:00Z")
    assert said == [NOON, NOON]


def test_an_hour_that_occurs_twice_means_the_first() -> None:
    twice = read(time(pl.col("x"), timezone="Europe/Berlin"), "2024-10-27 01:59", "2024-10-27 02:30", "2024-10-27 03:00")
    assert [moment.hour for moment in twice] == [23, 0, 2]


def test_given_formats_are_tried_in_their_order_and_a_given_unit_is_used() -> None:
    form = time(pl.col("x"), ["%d/%m/%Y %H:%M", "%m/%d/%Y"])
    assert read(form, "01/03/2024 12:00", "03/31/2024", "2024-03-01") == [NOON, NOON.replace(day=31, hour=0), None]
    assert read(time(pl.col("x"), ["%d.%m.%y"]), "01.03.24") == [NOON.replace(hour=0)]
    assert read(time(pl.col("x"), unit="ms"), "170929440") == [datetime(1970, 1, 2, 23, 28, 49, 440_000, tzinfo=UTC)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", None])
def test_numbers_with_a_given_unit_are_not_read_as_dates(unit: Literal["s", "ms", "us"] | None) -> None:
    dates = read(time(pl.col("x"), unit=unit), "20240301", "20240301120000")
    assert dates == [NOON.replace(hour=0), NOON] if unit is None else all(date != NOON for date in dates)
    assert read(time(pl.col("x"), unit=unit), "2024-03-01 12:00") == [NOON]


def test_milliseconds_are_never_read_as_calendar_dates() -> None:
    written = [f"17121212121{number:02}" for number in range(100)]
    for unit in ("ms", None):
        assert {moment.year for moment in read(time(pl.col("x"), unit=unit), *written)} == {2024}


def test_slashed_dates_give_a_format_only_if_unambiguous() -> None:
    assert slashed_format(pl.Series(["13/04/2024", "01/02/2024"])) == "%d/%m/%Y"
    assert slashed_format(pl.Series(["01/24/2024 10:15", None])) == "%m/%d/%Y %H:%M"
    assert slashed_format(pl.Series(["01/04/2024"])) is None


def test_truth_reads_yes_and_no_as_shops_write_them() -> None:
    assert read(truth(pl.col("x")), "Yes", "in stock", "1", "12", "0", "FALSE", "Sold out", "Sí", "perhaps", None) == [
        True, True, True, True, False, False, False, True, None, None,
    ]  # fmt: skip


def test_a_stock_level_may_have_decimals_and_thousands() -> None:
    levels = "0,00", "0.00", "0,5", "12,00", "1,200", "1.200,00", "-3,00", "-0.5", "nan", ".", "1,2 kg"
    assert read(truth(pl.col("x")), *levels) == [
        False, False, True, True, True, True, False, False, None, None, None,
    ]  # fmt: skip


def test_titles_in_capitals_become_title_case() -> None:
    assert read(titled(pl.col("x")), "CHILDREN'S 3IN1 T-LIGHT", None) == ["Children's 3in1 T-Light", None]


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ({"column": "a"}, "Soap > Bars"),
        ({"columns": ["a", "b"], "join": "; "}, "Soap > Bars; 12"),
        ({"template": "{b} × {a}"}, "12 × Soap > Bars"),
        ({"constant": True}, "true"),
        ({"column": "none", "else": "b"}, "12"),
        ({"column": "none", "else": ["none", "b"]}, "12"),
        ({"column": "a", "extract": "(Bar)s"}, "Bar"),
        ({"column": "a", "extract": "B.r"}, "Bar"),
        ({"column": "a", "replace": {" > ": "/", "s$": ""}}, "Soap/Bar"),
        ({"column": "a", "replace": {r"(\w+) > (?P<last>\pL+)": "${2}_$1 $$1"}}, "Bars_Soap $1"),
        ({"column": "a", "extract": r"\p{Lu}(?:o|x)(\p{Ll})"}, "a"),
        ({"column": "a", "case": "upper"}, "SOAP > BARS"),
        ({"column": "b", "values": {12: "dozen"}}, "dozen"),
        ({"multiply": ["b", "c"]}, "30.0"),
        ({"multiply": ["b", "d"]}, "0.84"),
        ({"template": "{none}"}, None),
        ({"column": "none"}, None),
    ],
)
def test_text_fields_are_read_from_every_kind_of_source(source: dict[str, Any], meant: str | None) -> None:
    row = pl.DataFrame(
        {"a": ["Soap > Bars"], "b": ["12"], "c": ["$2.50"], "d": ["0.0700013"], "none": [None]},
        schema_overrides={"none": pl.String},
    )
    assert row.select(text(FieldSource.model_validate(source)).alias("y"))["y"].to_list() == [meant]


def test_values_are_translated_however_accents_and_blanks_are_stored() -> None:
    source = FieldSource(column="x", values={"Añadir al carrito": "add_to_cart", "Cafe\u0301": "coffee"})
    written = [
        " Añadir al carrito",
        "An\u0303adir al\u00a0carrito",
        "Añadir  al carrito",
        "Café",
        "AÑADIR",
        "Te\u0301  verde",
        None,
    ]
    meant = ["add_to_cart", "add_to_cart", "add_to_cart", "coffee", "AÑADIR", "Te\u0301  verde", None]
    assert read(text(source), *written) == meant


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ({"columns": ["a", "b", "none", "b"]}, ["Home > Soap/Bars", "Bars"]),
        ({"column": "a"}, ["Home > Soap/Bars"]),
        ({"column": "a", "split": ">"}, ["Home", "Soap/Bars"]),
        ({"column": "a", "split": "> /"}, ["Home", "Soap", "Bars"]),
        ({"column": "json"}, ["Home", "Soap"]),
        ({"columns": ["a", "b"], "case": "lower"}, ["home > soap/bars", "bars"]),
        ({"column": "none"}, []),
        ({"columns": ["none", "b"], "else": "a"}, ["Bars"]),
        ({"columns": ["none", "none"], "else": ["none", "a"], "split": ">"}, ["Home", "Soap/Bars"]),
    ],
)
def test_category_paths_are_read_from_every_kind_of_source(source: dict[str, Any], meant: list[str]) -> None:
    row = pl.DataFrame(
        {"a": [" Home > Soap/Bars"], "b": ["Bars"], "json": ['["Home", null, " Soap "]'], "none": [None]},
        schema_overrides={"none": pl.String},
    )
    assert row.select(path(FieldSource.model_validate(source)).alias("y"))["y"].to_list() == [meant]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("""['Home', 'Kitchen']""", ["Home", "Kitchen"]),
        ("""['Home', None, "Men's"]""", ["Home", "Men's"]),
        ("""['Home' 'Kitchen']""", ["Home", "Kitchen"]),
        ("""[["Home", "Kitchen"]]""", ["Home", "Kitchen"]),
        ("""[['Home & Garden', 'Kitchen']]""", ["Home & Garden", "Kitchen"]),
        ("[]", []),
        ("[SALE] Shoes", ["[SALE] Shoes"]),
        ("[Home, Kitchen]", ["[Home, Kitchen]"]),
        ("[" * 5000 + "]" * 5000, ["[" * 5000 + "]" * 5000]),
    ],
)
def test_category_lists_are_read_as_programs_write_them(written: str, meant: list[str]) -> None:
    assert read(path(FieldSource(column="x")), written) == [meant]
