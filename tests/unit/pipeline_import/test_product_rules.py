"""Each rule on products: what it refuses, mends and leaves alone, with the line it reports."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from shelfwise_pipeline.importing.columns import MENDED, PRODUCT_COLUMNS, conform
from shelfwise_pipeline.importing.product_rules import REQUIRED, product_rules
from shelfwise_pipeline.importing.report import ImportReport
from shelfwise_pipeline.importing.rules import apply

NOW = datetime(2024, 6, 1, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "product_id": "1",
    "title": "Comb",
    "description": "Fine\nteeth",
    "brand": "Maker 1",
    "category": ["Beauty", "Hair"],
    "price": 3.99,
    "currency": "USD",
    "image_url": "https://shop.example/1.jpg",
    "rating": 4.5,
    "rating_count": 3,
    "in_stock": True,
    "attributes": '{"size": "9 oz"}',
    "variant_group": "combs",
    "created_at": datetime(2020, 1, 1, tzinfo=UTC),
}


def check(*changes: dict[str, Any]) -> tuple[pl.DataFrame, ImportReport]:
    """The rows GOOD with these changes, from line 1 on, after the checks."""
    frame = pl.DataFrame([GOOD | change for change in changes], schema=PRODUCT_COLUMNS)
    report = ImportReport("products")
    return apply(product_rules(NOW), conform(frame, PRODUCT_COLUMNS, REQUIRED), report), report


def test_a_good_product_is_left_alone() -> None:
    rows, report = check({})
    assert rows.drop("line", MENDED).row(0, named=True) == GOOD
    assert (report.read, report.accepted, report.mended, report.refused, report.findings) == (1, 1, 0, 0, {})


def test_a_product_with_only_the_required_fields_is_good() -> None:
    nothing = {name: None for name in PRODUCT_COLUMNS if name not in REQUIRED}
    _, report = check(nothing)
    assert (report.accepted, report.findings) == (1, {})


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"product_id": None}, "product_id_missing"),
        ({"product_id": " \t "}, "product_id_missing"),
        ({"product_id": "x" * 201}, "product_id_too_long"),
        ({"title": None}, "title_missing"),
        ({"title": "\u00a0\x00"}, "title_missing"),
    ],
)
def test_a_bad_product_is_refused_and_reported_with_its_line(change: dict[str, Any], rule: str) -> None:
    rows, report = check({}, {"product_id": "2"} | change)
    assert rows["product_id"].to_list() == ["1"]
    assert (report.read, report.accepted, report.refused) == (2, 1, 1)
    finding = report.findings[rule]
    assert (finding.action, finding.rows, finding.examples[0][0]) == ("refused", 1, 2)


@pytest.mark.parametrize(
    ("change", "rule", "mended"),
    [
        ({"product_id": " 1 "}, "product_id_untidy", "1"),
        ({"title": "  Hair \t Comb\x00"}, "title_untidy", "Hair Comb"),
        ({"title": "x" * 1001}, "title_too_long", "x" * 1000),
        ({"description": " a\x00b\nc  d "}, "description_untidy", "a b\nc d"),
        ({"title": "Baker&#39;s &amp;amp; Co"}, "title_entities", "Baker's & Co"),
        ({"title": "L&#39;Or&Eacute;Al&Reg;"}, "title_entities", "L'OrÉAl®"),
        ({"brand": "Black &amp; Decker"}, "brand_entities", "Black & Decker"),
        ({"description": "<p>Soft<br/>bristles</p>"}, "description_tags", "Soft bristles"),
        ({"brand": "  "}, "brand_untidy", None),
        ({"variant_group": "a  b"}, "variant_group_untidy", "a b"),
        ({"category": [" Beauty ", "", None, "Hair\x00Care"]}, "category_untidy", ["Beauty", "Hair Care"]),
        ({"price": -1.0}, "price_impossible", None),
        ({"price": float("nan")}, "price_impossible", None),
        ({"price": float("inf")}, "price_impossible", None),
        ({"price": 1e12}, "price_impossible", None),
        ({"currency": "usd"}, "currency_case", "USD"),
        ({"currency": "Dollars"}, "currency_unknown_code", None),
        ({"rating": -0.5}, "rating_impossible", None),
        ({"rating_count": -3}, "rating_count_impossible", None),
        ({"image_url": "javascript:alert(1)"}, "image_url_foreign", None),
        ({"image_url": "/img/1.jpg"}, "image_url_foreign", None),
        ({"attributes": "size=9"}, "attributes_unreadable", None),
        ({"attributes": '["a"]'}, "attributes_unreadable", None),
        ({"attributes": '{"size": 9, "gone": null, "": "x", "a": " b  c "}'}, "attributes_untidy", '{"a": "b c", "size": "9"}'),
        ({"created_at": datetime(2024, 6, 3, tzinfo=UTC)}, "created_at_future", None),
        ({"created_at": datetime(24, 12, 31, tzinfo=UTC)}, "created_at_ancient", None),
    ],
)
def test_a_mendable_product_is_mended_and_reported(change: dict[str, Any], rule: str, mended: object) -> None:
    rows, report = check(change)
    (column,) = change
    value = rows[column].to_list()[0]
    assert value == mended
    assert (report.accepted, report.mended, report.refused) == (1, 1, 0)
    assert report.findings[rule].action == "mended"
    assert report.findings[rule].column == column


@pytest.mark.parametrize(
    "change",
    [
        {"title": "B&notebook R&D &lots; <5 l> < b"},
        {"price": 0.0},
        {"rating": 0.0},
        {"rating_count": 0},
        {"category": []},
        {"attributes": "{}"},
    ],
)
def test_values_at_their_bounds_are_left_alone(change: dict[str, Any]) -> None:
    rows, report = check(change)
    (column,) = change
    assert rows[column].to_list() == [change[column]]
    assert report.findings == {}


def test_a_row_mended_twice_counts_once() -> None:
    _, report = check({"price": -1.0, "rating": -1.0})
    assert (report.mended, len(report.findings)) == (1, 2)


def test_combining_accents_are_composed_in_texts_but_not_in_ids_and_urls() -> None:
    apart, joined = "Cafe\u0301", "Caf\u00e9"
    texts = {"title": apart, "brand": apart, "category": [apart, "Tea"], "attributes": f'{{"{apart}": "{apart}"}}'}
    address = f"https://shop.example/{apart}.jpg"
    rows, report = check({"product_id": apart, "image_url": address, **texts})
    row = rows.row(0, named=True)
    assert (row["title"], row["brand"], row["category"]) == (joined, joined, [joined, "Tea"])
    assert row["attributes"] == f'{{"{joined}": "{joined}"}}'
    assert (row["product_id"], row["image_url"]) == (apart, address), "ids and addresses are the shop's own"
    assert {"title_decomposed", "brand_decomposed", "category_decomposed"} <= set(report.findings)
