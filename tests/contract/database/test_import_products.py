"""Products are imported unchanged, once; importing them again changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal

from shelfwise_pipeline.importing import PRODUCT_COLUMNS, import_products, incoming, read_products
from shelfwise_pipeline.importing.errors import TooManyMissing
from shelfwise_pipeline.importing.loading import Duplicates

Connection = psycopg.Connection[Any]

PRODUCTS = pl.DataFrame(
    {
        "product_id": ["1", "2", 'a,"b" c\\'],
        "title": ["Comb", 'Brush "Soft", 9"', "Crème\\brûlée; 'x'"],
        "description": ["two\nlines", None, None],
        "brand": ["Maker 1", None, "Ünïcode"],
        "category": [["Beauty", "Hair {care}", 'say "a\\b", c'], [], ["One"]],
        "price": [3.99, None, 0.1],
        "currency": ["USD", None, "EUR"],
        "image_url": ["https://shop.example/1.jpg", None, None],
        "rating": [4.5, None, 0.0],
        "rating_count": [12, None, 0],
        "in_stock": [True, False, True],
        "attributes": ['{"size": "9 oz"}', "{}", '{"a": "b \\"c\\""}'],
        "variant_group": ["combs", None, None],
        "created_at": [datetime(2020, 5, 1, 12, 30, 0, 123456, tzinfo=UTC), None, datetime(1999, 1, 1, tzinfo=UTC)],
    },
    schema=PRODUCT_COLUMNS,
)


def last_change(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(seq), 0) FROM catalog.changes").fetchone()
    assert row is not None
    return int(row[0])


def test_imported_products_are_read_back_unchanged(connection: Connection) -> None:
    report = import_products(connection, PRODUCTS)
    assert (report.read, report.inserted, report.mended, report.refused) == (3, 3, 0, 0)
    assert_frame_equal(read_products(connection), PRODUCTS.sort("product_id"))


def test_a_second_import_changes_nothing(connection: Connection) -> None:
    import_products(connection, PRODUCTS)
    before = last_change(connection)
    report = import_products(connection, PRODUCTS)
    assert (report.inserted, report.updated, report.unchanged) == (0, 0, 3)
    assert last_change(connection) == before == 3


def test_only_products_that_differ_are_updated_and_logged(connection: Connection) -> None:
    import_products(connection, PRODUCTS)
    changed = PRODUCTS.with_columns(price=pl.when(product_id="2").then(7.5).otherwise("price"))
    report = import_products(connection, changed)
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 2)
    logged = connection.execute("SELECT product_id, kind FROM catalog.changes WHERE seq > 3").fetchall()
    assert logged == [("2", "upsert")]


OPTIONAL = [name for name in PRODUCT_COLUMNS if name not in ("product_id", "title")]


@pytest.mark.parametrize("column", [name for name in OPTIONAL if name != "in_stock"])
def test_a_value_that_becomes_null_is_an_update(connection: Connection, column: str) -> None:
    import_products(connection, PRODUCTS[:1])
    without = PRODUCTS[:1].with_columns(pl.lit(None, PRODUCT_COLUMNS[column]).alias(column))
    assert import_products(connection, without).updated == 1
    assert import_products(connection, without).unchanged == 1
    assert read_products(connection)[column].to_list() in ([None], [[]], ["{}"])


@pytest.mark.parametrize("column", OPTIONAL)
def test_a_column_missing_from_the_frame_keeps_its_values(connection: Connection, column: str) -> None:
    import_products(connection, PRODUCTS)
    before = read_products(connection)
    report = import_products(connection, PRODUCTS.drop(column).with_columns(title=pl.format("{}!", "title")))
    assert (report.updated, report.untouched) == (3, [column])
    assert_frame_equal(read_products(connection)[column].to_frame(), before[column].to_frame())


def test_a_file_of_prices_changes_prices_and_adds_products(connection: Connection) -> None:
    import_products(connection, PRODUCTS)
    prices = PRODUCTS.select("product_id", "title").with_columns(price=pl.lit(2.5))
    new = pl.DataFrame({"product_id": ["9"], "title": ["Soap"], "price": [1.0]})
    report = import_products(connection, pl.concat([prices, new]))
    assert (report.inserted, report.updated) == (1, 3)
    after = read_products(connection)
    assert_frame_equal(after.filter(pl.col("product_id") != "9"), PRODUCTS.with_columns(price=pl.lit(2.5)).sort("product_id"))
    (soap,) = after.filter(product_id="9").to_dicts()
    assert (soap["in_stock"], soap["category"], soap["attributes"], soap["brand"]) == (True, [], "{}", None)


def test_a_null_in_stock_keeps_the_stored_value(connection: Connection) -> None:
    import_products(connection, PRODUCTS)
    silent = PRODUCTS.with_columns(in_stock=pl.lit(None, pl.Boolean))
    assert import_products(connection, silent).unchanged == 3


def test_products_that_are_not_in_the_frame_stay(connection: Connection) -> None:
    import_products(connection, PRODUCTS[:1])
    import_products(connection, PRODUCTS[1:])
    assert read_products(connection).height == 3


def test_refused_rows_do_not_hold_up_the_others(connection: Connection) -> None:
    dirty = pl.DataFrame({"product_id": ["1", None, "3"], "title": ["Comb", "Brush", "  "], "line": [10, 11, 12]})
    report = import_products(connection, dirty)
    assert (report.read, report.accepted, report.refused) == (3, 1, 2)
    assert report.findings["product_id_missing"].examples == [(11, None)]
    assert report.findings["title_missing"].examples == [(12, None)]
    assert read_products(connection)["product_id"].to_list() == ["1"]


def test_an_empty_frame_imports_nothing(connection: Connection) -> None:
    report = import_products(connection, PRODUCTS[:0])
    assert (report.read, report.inserted, report.updated) == (0, 0, 0)
    assert read_products(connection).schema == PRODUCT_COLUMNS


def test_an_import_is_rolled_back_with_the_callers_transaction(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        import_products(connection, PRODUCTS)
    assert read_products(connection).is_empty()


@pytest.mark.parametrize(
    ("duplicates", "kept", "refused"),
    [("last", 3.0, [1, 2]), ("first", 1.0, [2, 3]), ("most_complete", 2.0, [1, 3])],
)
def test_one_of_the_rows_with_the_same_id_is_kept_as_duplicates_says(
    connection: Connection, duplicates: Duplicates, kept: float, refused: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "CHUNK_ROWS", 2)  # puts the rows into different parts
    rows = pl.DataFrame(
        {
            "product_id": ["1", "1", "1 ", "2", "2"],
            "title": ["Comb", "Comb", "Comb", "Soap", None],
            "price": [1.0, 2.0, 3.0, 4.0, 5.0],
            "brand": [None, "Maker 1", None, None, None],
        }
    )
    report = import_products(connection, rows, duplicates=duplicates)
    assert dict(read_products(connection).select("product_id", "price").iter_rows()) == {"1": kept, "2": 4.0}
    assert [line for line, _ in report.findings["product_id_repeated"].examples] == refused
    assert (report.read, report.accepted, report.refused, report.inserted) == (5, 2, 3, 2)
    assert report.mended == (1 if duplicates == "last" else 0)


def test_an_error_in_a_stream_of_products_rolls_all_of_it_back(connection: Connection) -> None:
    def frames() -> Iterator[pl.DataFrame]:
        yield PRODUCTS
        raise RuntimeError("the file ends here")

    with pytest.raises(RuntimeError, match="ends here"):
        import_products(connection, frames())
    assert read_products(connection).is_empty()


def many(count: int) -> pl.DataFrame:
    return pl.DataFrame({"product_id": [f"{n}" for n in range(count)], "title": ["Comb"] * count})


def test_a_complete_import_deletes_the_products_that_it_lacks(connection: Connection) -> None:
    import_products(connection, many(10))
    before = last_change(connection)
    report = import_products(connection, many(11)[2:], complete=True)
    assert (report.inserted, report.unchanged, report.deleted) == (1, 8, 2)
    logged = connection.execute("SELECT product_id, kind FROM catalog.changes WHERE seq > %s", [before]).fetchall()
    assert sorted(logged) == [("0", "delete"), ("1", "delete"), ("10", "upsert")]
    again = import_products(connection, many(11)[2:], complete=True)
    assert (again.unchanged, again.deleted) == (9, 0)


def test_a_complete_import_deletes_a_product_whose_row_is_refused(connection: Connection) -> None:
    import_products(connection, many(10))
    broken = many(10).with_columns(title=pl.when(pl.col("product_id") != "3").then("title"))
    assert import_products(connection, broken, complete=True).deleted == 1
    assert "3" not in read_products(connection)["product_id"]


def test_a_complete_import_that_lacks_too_much_changes_nothing_unless_forced(connection: Connection) -> None:
    import_products(connection, many(10))
    half = many(5).with_columns(title=pl.lit("Brush"))
    with pytest.raises(TooManyMissing, match=r"at most 20% of the 10 products, found 5"):
        import_products(connection, half, complete=True)
    assert set(read_products(connection)["title"]) == {"Comb"}
    assert import_products(connection, half, complete=True, force=True).deleted == 5
    assert read_products(connection).height == 5


def test_a_complete_import_without_products_is_refused_even_if_forced(connection: Connection) -> None:
    import_products(connection, many(3))
    with pytest.raises(TooManyMissing, match="no product that could be kept"):
        import_products(connection, many(0), complete=True, force=True)
    assert read_products(connection).height == 3
