"""The first rows of each real data set are imported with its map in benchmarks/shops/.

The data are not ours to keep in this repository: SHELFWISE_SHARED_DATA names the folder that holds them.
"""

import csv
import gzip
import os
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from rich.console import Console

from shelfwise_pipeline.importing import Kind
from shelfwise_pipeline.importing.from_files import import_from_files
from shelfwise_pipeline.importing.mapping import read_map
from shelfwise_pipeline.importing.mapping.reading import checked
from shelfwise_pipeline.progress import Steps

SHOPS = Path(__file__).parents[3] / "benchmarks" / "shops"
DATA = os.environ.get("SHELFWISE_SHARED_DATA") or None  # an empty one counts as unset
CUT_ROWS = 2_000
IMPORTS: list[tuple[str, str, Kind, str]] = [
    ("online-retail", "products", "products", "transactions.parquet"),
    ("online-retail", "events", "events", "transactions.parquet"),
    ("bigbasket", "products", "products", "products.csv.gz"),
    ("amazon-in-2023", "products", "products", "products.csv.gz"),
    ("myntra-fashion", "products", "products", "products.csv.gz"),
    ("home-depot-relevance", "products", "products", "judgements.csv.gz"),
    ("home-depot-relevance", "judgements", "judgements", "judgements.csv.gz"),
    ("esci-mini", "products", "products", "pairs_with_text.csv.gz"),
    ("esci-mini", "judgements", "judgements", "pairs_with_text.csv.gz"),
    ("esci-mini", "judgements_ids_only", "judgements", "judgements_ids_only.csv.gz"),
    ("instacart-sample", "products", "products", "products.csv.gz"),
    ("instacart-sample", "events", "events", "order_lines.csv.gz"),
]


@pytest.mark.parametrize(("shop", "name", "kind"), [one[:3] for one in IMPORTS])
def test_every_shops_map_is_valid_and_of_its_kind(shop: str, name: str, kind: Kind) -> None:
    column_map = read_map(kind, SHOPS / shop / f"{name}.yaml")
    assert checked(kind, column_map) == column_map
    assert column_map.kind == kind


def test_every_map_of_benchmarks_shops_is_tested() -> None:
    assert {str(path.relative_to(SHOPS)) for path in SHOPS.glob("*/*.yaml")} == {
        f"{shop}/{name}.yaml" for shop, name, *_ in IMPORTS
    }


@pytest.mark.skipif(DATA is None, reason="SHELFWISE_SHARED_DATA does not name the folder with the real data sets")
@pytest.mark.parametrize(("shop", "name", "kind", "file"), IMPORTS)
def test_the_first_rows_of_a_data_set_are_imported_once(
    connection: psycopg.Connection[Any], tmp_path: Path, shop: str, name: str, kind: Kind, file: str
) -> None:
    part = cut(Path(DATA or "") / shop / file, tmp_path)
    column_map = read_map(kind, SHOPS / shop / f"{name}.yaml")
    (first,) = import_from_files(connection, kind, [part], column_map, Steps(Console(quiet=True)))
    report = first.report
    assert report.read == report.accepted + report.refused + report.merged
    assert report.accepted == report.inserted
    assert report.accepted + report.merged > 0.9 * min(CUT_ROWS, report.read)
    (again,) = import_from_files(connection, kind, [part], column_map, Steps(Console(quiet=True)))
    assert (again.report.inserted, again.report.updated, again.report.unchanged) == (0, 0, report.accepted)


def cut(path: Path, folder: Path) -> Path:
    """The file's first rows, in a file of the same kind."""
    part = folder / path.name
    if path.suffix == ".parquet":
        pl.scan_parquet(path).head(CUT_ROWS).collect().write_parquet(part)
        return part
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="") as whole,
        gzip.open(part, "wt", encoding="utf-8", newline="") as small,
    ):
        csv.writer(small).writerows(islice(csv.reader(whole), CUT_ROWS + 1))
    return part
