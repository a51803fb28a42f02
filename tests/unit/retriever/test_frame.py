"""The product table: its columns, and the input it refuses."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl
import pytest

from shelfwise.errors import BundleDamaged, UnknownProduct
from shelfwise_retriever import frame
from shelfwise_retriever.catalog import Catalog


def tidied(**columns: list[object] | pl.Series) -> pl.DataFrame:
    return frame.tidy(pl.DataFrame({"product_id": ["a", "b"], "title": ["A", "B"], **columns}))


@pytest.mark.parametrize(
    "attributes",
    [
        ['{"size":"10"}', None],
        ['{\n "size": 10, "weight": null\n}', "{}"],
        [{"size": "10"}, {"size": None}],
        [[{"key": "size", "value": "10"}], []],
        pl.Series([{"size": "10"}, {}], dtype=pl.Map(pl.String, pl.String)),
    ],
)
def test_attributes_are_read_from_json_structs_lists_and_maps(attributes: list[object] | pl.Series) -> None:
    products = tidied(attributes=attributes)
    assert [orjson.loads(text or "{}") for text in products["attributes"]] == [{"size": "10"}, {}]


def test_unknown_columns_are_dropped_and_absent_ones_are_null() -> None:
    products = tidied(popularity=[1.0, 0.5])
    assert products.columns == list(frame.COLUMNS)
    assert products["price"].null_count() == 2
    assert products["in_stock"].to_list() == [True, True]


def test_a_product_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="found 1 again"):
        tidied(product_id=["a", "a"])


@pytest.mark.parametrize("attributes", ["{", "3", '"red"'])
def test_attributes_that_are_not_an_object_are_refused(attributes: str) -> None:
    with pytest.raises(ValueError, match="expected attributes as"):
        tidied(attributes=[attributes, None])


def test_a_missing_title_is_refused() -> None:
    with pytest.raises(ValueError, match="title for every product, found 1 without"):
        tidied(title=["A", None])


def test_a_table_of_another_release_raises_bundle_damaged(tmp_path: Path) -> None:
    tidied().drop("brand").write_parquet(tmp_path / "products.parquet")
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        frame.read(tmp_path / "products.parquet")


def test_products_as_json_leave_absent_fields_out() -> None:
    catalog = Catalog(
        tidied(price=[1.5, None], attributes=['{"size":"10"}', None], created_at=[datetime(2024, 5, 6, tzinfo=UTC), None])
    )
    full, bare = map(orjson.loads, catalog.lines_of(catalog.known_rows(["b", "a", "nowhere"])))
    assert bare == {"product_id": "b", "title": "B", "in_stock": True}
    assert full == {
        "product_id": "a",
        "title": "A",
        "price": 1.5,
        "in_stock": True,
        "attributes": {"size": "10"},
        "created_at": "2024-05-06T00:00:00Z",
    }


def test_known_by_follows_the_changes_of_a_product() -> None:
    catalog = Catalog(tidied(variant_group=["g", None]))
    row = catalog.row("a")
    assert catalog.known_by(row) == {"product_id": "a", "title": "A", "variant_group": "g"}
    assert catalog.known_by(catalog.row("b")) == {"product_id": "b", "title": "B"}
    catalog.put({"product_id": "a", "title": "A 2"})
    assert catalog.known_by(row) == {"product_id": "a", "title": "A 2"}
    new = catalog.put({"product_id": "c", "title": "C", "variant_group": "h"})
    catalog.remove("c")
    assert catalog.put({"product_id": "d", "title": "D"}) == new
    assert catalog.known_by(new) == {"product_id": "d", "title": "D"}


def test_an_unknown_id_raises_unknown_product() -> None:
    with pytest.raises(UnknownProduct, match="'nowhere'"):
        Catalog(tidied()).row("nowhere")
