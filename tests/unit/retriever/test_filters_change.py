"""Filters over a changing catalog answer like filters built anew."""

import random
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest

from shelfwise.contracts.filter import Filter, Range
from shelfwise.words import APOSTROPHES
from shelfwise_retriever import frame
from shelfwise_retriever.filters import Filters

FILTERS = (
    Filter(),
    Filter(category="Food"),
    Filter(category=["SNACKS", "Beauty"]),
    Filter(brand="glow"),
    Filter(brand="Glow", price=Range(max=5)),
    Filter(price=Range(min=2, max=6)),
    Filter(rating=Range(min=3)),
    Filter(in_stock=True),
    Filter(in_stock=False),
    Filter(attributes={"Color": ["Red", "blue"]}),
    Filter(added_within_days=30),
)


LONG_AGO, LATELY = (datetime.now(UTC) - timedelta(days=days) for days in (400, 3))


def drawn(draw: random.Random, product_id: str) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "title": "Anything",
        "brand": draw.choice(["Glow", "GLOW", "Crisp", None]),
        "category": draw.choice([["Food", "Snacks"], ["Food", "food"], ["Beauty"], []]),
        "price": draw.choice([None, 1.0, 5.0, 9.0]),
        "rating": draw.choice([None, 2.5, 4.5]),
        "in_stock": draw.random() < 0.7,
        "created_at": draw.choice([None, LONG_AGO, LATELY]),
        "attributes": draw.choice([{}, {"Color": "Red"}, {"color": "Blue", "size": "1"}]),
    }


def filters_of(products: list[dict[str, Any]]) -> Filters:
    rows = [{**product, "attributes": orjson.dumps(product["attributes"]).decode()} for product in products]
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "price": pl.Float64,
        "rating": pl.Float64,
        "brand": pl.String,
        "category": pl.List(pl.String),
        "created_at": pl.Datetime("us", "UTC"),
    }
    return Filters(frame.tidy(pl.DataFrame(rows, schema_overrides=types)))


def rows_of(filters: Filters, wanted: Filter) -> list[int]:
    return [int(row) for row in filters.mask(wanted).rows.nonzero()[0]]


@pytest.mark.parametrize("seed", range(5))
def test_filters_after_any_sequence_of_changes_equal_new_ones(seed: int) -> None:
    draw = random.Random(seed)
    products: list[dict[str, Any] | None] = [drawn(draw, str(row)) for row in range(12)]
    filters = filters_of([product for product in products if product])
    for _ in range(150):
        row = draw.randrange(len(products) + 1)
        before = products[row] if row < len(products) else None
        if before is not None and draw.random() < 0.3:
            filters.remove(row, before)
            products[row] = None
            continue
        after = drawn(draw, str(row))
        filters.put(row, before, after)
        products[row : row + 1] = [after]
    there = [row for row, product in enumerate(products) if product]
    new = filters_of([product for product in products if product])
    for wanted in FILTERS:
        assert rows_of(filters, wanted) == [there[row] for row in rows_of(new, wanted)], wanted


def test_a_value_that_no_product_has_any_more_is_unknown() -> None:
    only = {"product_id": "1", "title": "Lamp", "brand": "Glow", "category": ["Home"], "attributes": {"color": "red"}}
    filters = filters_of([only, {**only, "product_id": "2", "brand": "Crisp", "attributes": {}}])
    filters.remove(0, only)
    assert filters.mask(Filter(brand="Glow")).unknown == ["brand 'Glow'"]
    assert filters.mask(Filter(attributes={"color": "red"})).unknown == ["the attribute 'color' (those of this catalog: none)"]


@pytest.mark.parametrize(("count", "end"), [(20, "a18, a19)"), (21, "a18, a19, …)")])
def test_at_most_twenty_known_attributes_are_listed(count: int, end: str) -> None:
    lamp = {"product_id": "1", "title": "Lamp", "attributes": {f"a{number:02}": "x" for number in range(count)}}
    (unknown,) = filters_of([lamp]).mask(Filter(attributes={"size": "1"})).unknown
    assert unknown.endswith(end)


VALUES = ("Côte d'Or", "Cote d'Or", "İstanbul", "Own Brand", "Ｌｏｇｏ 7", "Straße", "Gözde", "Gozde")
"""No two of them are the same value."""


def spelled(draw: random.Random, value: str) -> str:
    """The same value, as another person, keyboard or export writes it."""
    value = value.replace("İ", draw.choice("İIi"))
    value = draw.choice([value, value.upper(), value.lower(), value.title()])
    value = unicodedata.normalize(draw.choice(["NFC", "NFD", "NFKC", "NFKD"]), value)
    value = value.replace("'", draw.choice(APOSTROPHES)).replace(" ", draw.choice([" ", "  ", "\u00a0", "\u3000"]))
    return draw.choice(["", " "]) + value + draw.choice(["", "\u200b"])


@pytest.mark.parametrize("seed", range(5))
def test_values_are_found_however_they_are_written(seed: int) -> None:
    draw = random.Random(seed)
    meant = [draw.choice(VALUES) for _ in range(60)]

    def product(row: int) -> dict[str, Any]:
        brand, category, name, value = (spelled(draw, meant[row]) for _ in range(4))
        said = {"brand": brand, "category": ["Food", category], "attributes": {name: value}}
        return {**drawn(draw, str(row)), **said}

    products = [product(row) for row in range(len(meant))]
    filters = filters_of(products[:30])
    for row in range(10, 60):  # some change how their values are written, others are new
        filters.put(row, products[row] if row < 30 else None, changed := product(row))
        products[row] = changed
    for value in VALUES:
        expected = [row for row, said in enumerate(meant) if said == value]
        for wanted in (
            Filter(brand=spelled(draw, value)),
            Filter(category=[spelled(draw, value), "nothing else"]),
            Filter(attributes={spelled(draw, value): spelled(draw, value)}),
        ):
            assert rows_of(filters, wanted) == expected, wanted
            assert [row for row, said in enumerate(products) if wanted.holds_for(said)] == expected, "the gateway agrees"
    for row in range(60):
        filters.remove(row, products[row])
    assert filters.mask(Filter(brand=VALUES[0])).unknown == [f"brand {VALUES[0]!r}"]


def test_a_name_of_invisible_characters_does_no_harm() -> None:
    only = {"product_id": "1", "title": "Lamp", "attributes": {"\u200b": "red"}}
    filters = filters_of([{"product_id": "2", "title": "Lamp", "attributes": {}, "brand": None, "category": []}])
    filters.put(1, None, only)
    filters.remove(1, only)
    assert rows_of(filters, Filter(attributes={"\u200b": "red"})) == []
