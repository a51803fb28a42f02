"""The product table: built, saved and loaded."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.cataloging import attribute_texts, build_table
from shelfwise_ranker.products import PRODUCTS_FILE, ProductTable
from tests.unit.ranker.shelf import shelf


def test_a_loaded_table_equals_the_saved_one(tmp_path: Path) -> None:
    made = shelf()
    made.save(tmp_path)
    loaded = ProductTable.load(tmp_path)
    assert (loaded.ids, loaded.titles, loaded.sorted_titles) == (made.ids, made.titles, made.sorted_titles)
    assert (loaded.spans, loaded.categories, loaded.vocabulary.tokens) == (made.spans, made.categories, made.vocabulary.tokens)
    for name in ("tokens", "leaf", "parent", "brand", "text", "log_price", "rating", "rating_count", "created_at"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(made, name), err_msg=name)


def test_the_last_row_is_the_unknown_product() -> None:
    table = shelf()
    assert table.rows(["red", "never seen"]).tolist() == [0, -1]
    assert not table.tokens[-1].any()
    assert np.isnan(table.log_price[-1])
    assert table.leaf[-1] not in table.leaf[:-1]


@pytest.mark.parametrize(
    "attributes",
    [
        pl.Series(['{"a": "red", "b": "16 oz"}']),
        pl.Series([{"a": "red", "b": "16 oz"}]),
        pl.Series([[{"key": "a", "value": "red"}, {"key": "b", "value": "16 oz"}]]),
    ],
)
def test_attributes_are_read_from_json_structs_and_key_value_lists(attributes: pl.Series) -> None:
    products = pl.DataFrame({"product_id": ["x"], "title": ["X"], "attributes": attributes})
    assert attribute_texts(products) == ["red 16 oz"]


def test_only_product_id_and_title_are_required() -> None:
    table = build_table(pl.DataFrame({"product_id": ["x", "y"], "title": ["One thing", "!"]}))
    assert len(table) == 2
    assert np.isnan(table.price_to_category).all()


def test_a_rating_with_a_rating_count_of_zero_is_unknown() -> None:
    products = pl.DataFrame({"product_id": ["x", "y"], "title": ["X", "Y"], "rating": [0.0, 4.0], "rating_count": [0, 20]})
    assert np.isnan(build_table(products).rating[0])
    assert np.isnan(build_table(products.head(1), usual_rating=4.0).rating[0]), "as a change of that product alone comes"


def test_brands_and_categories_that_are_written_alike_have_one_number() -> None:
    writings = {
        "brand": ["Côte d'Or", "CÔTE D’OR", "Cote d'Or"],
        "category": [["Food", "Sweets"], ["food", "SWEETS "], ["Food", "Tea"]],
    }
    table = build_table(pl.DataFrame({"product_id": ["a", "b", "c"], "title": ["Bar", "Bar", "Bar"], **writings}))
    assert table.brand[0] == table.brand[1] != table.brand[2]  # accents count
    assert table.leaf[0] == table.leaf[1] != table.leaf[2]
    assert len(set(table.parent[:3].tolist())) == 1
    assert table.text[0] == table.text[1] != table.text[2]
    assert [table.categories[leaf] for leaf in table.leaf[:3]] == ["Sweets", "Sweets", "Tea"]


def test_a_damaged_table_raises_bundle_damaged(tmp_path: Path) -> None:
    shelf().save(tmp_path)
    (tmp_path / PRODUCTS_FILE).write_bytes(b"not parquet")
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        ProductTable.load(tmp_path)
