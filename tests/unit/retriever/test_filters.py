"""Every condition of a filter, alone and together."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest

from shelfwise.contracts.filter import Filter
from shelfwise_retriever import frame
from shelfwise_retriever.filters import Filters
from shelfwise_retriever.mask_cache import MaskCache
from tests.support.catalog import SHELF, products_frame


@pytest.fixture(scope="module")
def filters() -> Filters:
    return Filters(frame.tidy(products_frame(SHELF)))


def passing(filters: Filters, **conditions: object) -> list[str]:
    wanted = Filter.model_validate(conditions)
    mask = filters.mask(wanted)
    ids = [product["product_id"] for product, passes in zip(SHELF, mask.rows.tolist(), strict=True) if passes]
    assert len(ids) == mask.count
    assert ids == [product["product_id"] for product in SHELF if wanted.holds_for(product)], "both ways to check agree"
    return ids


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"category": "FOOD"}, ["chips-1", "chips-2", "corn-1", "potato-1", "chips-3"]),
        ({"category": "snacks"}, ["chips-1", "chips-2", "corn-1", "chips-3"]),
        ({"category": ["Home", "vegetables"]}, ["potato-1", "lamp-1"]),
        ({"brand": "glow"}, ["polish-1", "polish-2", "chips-3"]),
        ({"price": {"min": 3}}, ["chips-2", "polish-1", "potato-1"]),
        ({"price": {"max": 3}}, ["chips-1", "chips-2"]),
        ({"price": {"min": 3, "max": 4}}, ["chips-2", "potato-1"]),
        ({"rating": {"min": 4.5}}, ["corn-1"]),
        ({"in_stock": False}, ["polish-2"]),
        ({"attributes": {"color": "red"}}, ["lamp-1"]),
        ({"attributes": {"color": ["blue", "RED"], "Voltage": "12"}}, ["lamp-1"]),
        ({"brand": "glow", "category": "nails", "in_stock": True}, ["polish-1"]),
        ({"brand": "nobody"}, []),
    ],
)
def test_a_filter_passes_the_products_that_satisfy_its_conditions(
    filters: Filters, conditions: dict[str, object], expected: list[str]
) -> None:
    assert passing(filters, **conditions) == expected


@pytest.mark.parametrize(("days", "expected"), [(0.5, []), (1.1, ["new"]), (30, ["new"]), (100.2, ["new", "last season's"])])
def test_added_within_days_passes_recently_added_products(days: float, expected: list[str]) -> None:
    ages = {"new": timedelta(days=1), "last season's": timedelta(days=100), "of an unknown age": None}
    shelf: list[dict[str, Any]] = [
        {"product_id": key, "title": "Lamp", "created_at": age and datetime.now(UTC) - age} for key, age in ages.items()
    ]
    wanted = Filter(added_within_days=days)
    mask = Filters(frame.tidy(pl.DataFrame(shelf))).mask(wanted)
    assert [key for key, passes in zip(ages, mask.rows.tolist(), strict=True) if passes] == expected
    as_json = orjson.loads(orjson.dumps(shelf, option=orjson.OPT_UTC_Z))
    assert [product["product_id"] for product in as_json if wanted.holds_for(product)] == expected, "both ways agree"


def test_a_filter_without_conditions_passes_every_product(filters: Filters) -> None:
    assert len(passing(filters)) == len(SHELF)


def test_an_unknown_attribute_is_reported_with_the_known_ones(filters: Filters) -> None:
    found = filters.mask(Filter(attributes={"size": ["10"]}, in_stock=True))
    assert found.count == 0
    assert found.unknown == ["the attribute 'size' (those of this catalog: color, voltage)"]


def test_category_and_brand_values_that_no_product_has_are_reported(filters: Filters) -> None:
    assert filters.mask(Filter(brand=["nobody", "Glow"], category=["attic"])).unknown == ["category 'attic'", "brand 'nobody'"]


def test_the_cache_stays_within_its_bytes_and_drops_the_least_recently_used(filters: Filters) -> None:
    made: list[Filter] = []
    cache = MaskCache(lambda wanted: made.append(wanted) or filters.mask(wanted), size_of=lambda mask: 100, most_bytes=250)  # type: ignore[func-returns-value]
    food, home, cheap = Filter(category=["food"]), Filter(category=["home"]), Filter.model_validate({"price": {"max": 2}})
    assert cache.get(food) is cache.get(Filter(category=["food"]))
    cache.get(home)
    cache.get(food)
    cache.get(cheap)  # home is the least recently used
    assert len(cache) == 2
    cache.get(food)
    assert made == [food, home, cheap]
    cache.get(home)
    assert made[3:] == [home]


def test_masks_of_added_within_days_are_computed_again_after_an_hour(filters: Filters, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Filter] = []
    cache = MaskCache(lambda wanted: made.append(wanted) or filters.mask(wanted), lambda mask: 1, most_bytes=1000)  # type: ignore[func-returns-value]
    new, now_s = Filter(added_within_days=7), 1_000 * 3600.0
    monkeypatch.setattr(time, "time", lambda: now_s)
    cache.get(new)
    now_s += 3599
    cache.get(new)
    assert len(made) == 1
    now_s += 1
    cache.get(new)
    assert len(made) == 2


def test_a_cache_without_room_still_answers(filters: Filters) -> None:
    cache = MaskCache(filters.mask, size_of=lambda mask: 100, most_bytes=0)
    assert cache.get(Filter(category=["home"])).count == 1
    assert len(cache) == 0


def test_the_cache_counts_each_mask_at_its_own_size(filters: Filters) -> None:
    made: list[Filter] = []
    cache = MaskCache(lambda wanted: made.append(wanted) or filters.mask(wanted), lambda mask: mask.count, most_bytes=6)  # type: ignore[func-returns-value]
    home, vegetables, nails, snacks, food = (
        Filter(category=[word]) for word in ("home", "vegetables", "nails", "snacks", "food")
    )
    for wanted in (home, vegetables, nails):  # 1, 1 and 2 of 6
        cache.get(wanted)
    assert len(cache) == 3
    cache.get(snacks)  # 4 more: the two oldest go
    assert len(cache) == 2
    cache.get(nails)
    assert made == [home, vegetables, nails, snacks]
    cache.get(Filter())  # all 8: more than the cache keeps of all masks
    assert len(cache) == 2
    cache.clear()
    cache.get(food)  # 5 of 6
    cache.get(home)
    assert len(cache) == 2
