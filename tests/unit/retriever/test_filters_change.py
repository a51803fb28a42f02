"""Filters over a catalog that changes answer as filters that are made anew."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest

from shelfwise.contracts.filter import Filter, Range
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
def test_any_sequence_of_changes(seed: int) -> None:
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


def test_a_value_that_nothing_has_any_more_is_unknown() -> None:
    only = {"product_id": "1", "title": "Lamp", "brand": "Glow", "category": ["Home"], "attributes": {"color": "red"}}
    filters = filters_of([only, {**only, "product_id": "2", "brand": "Crisp", "attributes": {}}])
    filters.remove(0, only)
    assert filters.mask(Filter(brand="Glow")).unknown == ["brand 'Glow'"]
    assert filters.mask(Filter(attributes={"color": "red"})).unknown == ["the attribute 'color' (those of this catalog: none)"]
