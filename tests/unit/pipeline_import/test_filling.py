"""Rows that leave values out take them from the row before, also where a file is read in parts."""

from pathlib import Path

import polars as pl
import pytest

from shelfwise_pipeline.importing.errors import MapInvalid
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.convert import Converter
from shelfwise_pipeline.importing.mapping.filling import Filled
from shelfwise_pipeline.importing.mapping.model import Filling
from shelfwise_pipeline.importing.mapping.reading import fits, read_map
from shelfwise_pipeline.importing.report import ImportReport

ROWS = pl.DataFrame(
    {
        "by": ["a", "a", "b", "b", None, "b", None, None, "a", "a"],
        "title": ["A", None, None, "B", None, None, "C", None, None, "D"],
        "price": ["1", None, "2", None, "3", None, "4", None, "5", None],
    }
)
TITLES = ["A", "A", None, "B", None, None, "C", None, None, "D"]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_only_rows_that_directly_follow_with_the_same_key_are_filled(size: int) -> None:
    filled = Filled(Filling(by="by", columns=["title"]))
    found = pl.concat(filled.next(part) for part in ROWS.iter_slices(size))
    assert found["title"].to_list() == TITLES
    assert found.drop("title").equals(ROWS.drop("title"))


def test_an_orders_further_lines_are_filled_from_its_first(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "Name,Email,Created at,Lineitem sku,Lineitem quantity\n"
        "#1,a@e.example,2026-11-01 10:00:00 +0100,S-1,2\n#1,,,S-2,1\n#2,b@e.example,2026-11-02 10:00:00 +0100,S-1,1\n",
        "utf-8",
    )
    begun = """
        fill: {by: Name, columns: [Email, Created at]}
        fields: {type: {constant: purchase}, product_id: Lineitem sku, user_id: Email, timestamp: Created at}
        identity: [Name, Lineitem sku]
    """
    file, column_map = SourceFile.open(path), read_map("events", None, begun=begun)
    fits("events", column_map, file)
    events = pl.concat(Converter("events", column_map, file).frames(ImportReport("events")))
    assert events.select("product_id", "user_id", pl.col("timestamp").dt.to_string("%d %H:%M")).rows() == [
        ("S-1", "a@e.example", "01 09:00"),
        ("S-2", "a@e.example", "01 09:00"),
        ("S-1", "b@e.example", "02 09:00"),
    ]
    misspelt = read_map("events", None, begun=begun.replace("[Email, C", "[E-mail, C"))
    with pytest.raises(MapInvalid, match="'E-mail'"):
        fits("events", misspelt, file)
