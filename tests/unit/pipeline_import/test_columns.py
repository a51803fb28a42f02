"""Frames are conformed to the canonical columns, or an error says what is wrong."""

from datetime import UTC, datetime

import polars as pl
import pytest

from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS, ColumnError, conform

IDS = frozenset({"product_id"})


def test_absent_columns_are_null_and_typed() -> None:
    frame = conform(pl.DataFrame({"product_id": ["1"]}), PRODUCT_COLUMNS, IDS)
    assert frame.drop("line").schema == PRODUCT_COLUMNS
    assert frame.drop("line", "product_id").null_count().row(0) == (1,) * 13


def test_lines_are_counted_from_the_first_one_or_taken_from_the_frame() -> None:
    assert conform(pl.DataFrame({"product_id": ["1", "2"]}), PRODUCT_COLUMNS, IDS, first_line=11)["line"].to_list() == [11, 12]
    assert conform(pl.DataFrame({"product_id": ["1"], "line": [7]}), PRODUCT_COLUMNS, IDS)["line"].to_list() == [7]


def test_numeric_ids_become_text() -> None:
    assert conform(pl.DataFrame({"product_id": [17]}), PRODUCT_COLUMNS, IDS)["product_id"].to_list() == ["17"]


def test_times_become_utc() -> None:
    summer = datetime(2017, 7, 1, 12)
    naive = pl.DataFrame({"timestamp": [summer]})
    berlin = naive.with_columns(pl.col("timestamp").dt.replace_time_zone("Europe/Berlin").dt.cast_time_unit("ms"))
    assert conform(naive, EVENT_COLUMNS, frozenset())["timestamp"].to_list() == [summer.replace(tzinfo=UTC)]
    assert conform(berlin, EVENT_COLUMNS, frozenset())["timestamp"].to_list() == [datetime(2017, 7, 1, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"title": ["Comb"]}), r"missing \['product_id'\]"),
        (pl.DataFrame({"product_id": ["1"], "colour": ["red"]}), r"unknown \['colour'\]"),
        (pl.DataFrame({"product_id": ["1"], "price": ["cheap"]}), "cheap"),
        (pl.DataFrame({"product_id": ["1"], "rating_count": [2.5]}), r"whole numbers in the column 'rating_count', found 2\.5"),
        (pl.DataFrame({"product_id": ["1"], "rating_count": [2**40]}), "rating_count"),
    ],
)
def test_wrong_columns_are_named_in_the_error(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        conform(frame, PRODUCT_COLUMNS, IDS)


def test_whole_floats_become_integers() -> None:
    frame = conform(pl.DataFrame({"product_id": ["1"], "rating_count": [2.0]}), PRODUCT_COLUMNS, IDS)
    assert frame["rating_count"].to_list() == [2]
