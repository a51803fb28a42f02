"""The published bundle's products: both systems answer from them, and the questions are made from them."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shelfwise.bundle import BundleStore
from shelfwise.contracts.product import document_text
from shelfwise.errors import BundleError


class BenchmarkError(Exception):
    """The benchmark cannot run; the message says what was expected, what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The products of one bundle, most popular first."""

    version: str
    folder: Path
    """The bundle's folder on local disk."""
    products: pl.DataFrame
    """product_id, title, brand (null), category (list), price (null)."""

    def texts(self) -> list[str]:
        """The text that stands for each product, row by row. Many products share a text."""
        rows = self.products.select("title", "category").iter_rows()
        return [document_text(title, category or []) for title, category in rows]


def published_catalog(bundles: str) -> Catalog:
    """The catalog of the published bundle below the folder `bundles`.

    Raises:
        BenchmarkError: nothing is published there, or in another format than this release writes.
    """
    root = Path(bundles)
    if not root.is_dir():
        raise BenchmarkError(f"expected bundles in the folder {bundles!r}, found no such folder; run `make run` first")
    try:
        version = BundleStore(bundles).current()
    except BundleError as error:
        raise BenchmarkError(f"{error.message} (`make run` builds and publishes one)") from error
    path = root / version / "catalog" / "products.parquet"
    if not path.is_file():
        raise BenchmarkError(f"expected {path}, found no such file; build the bundle again with `make run`")
    frame = pl.read_parquet(path)
    needed = ["product_id", "title", "brand", "category", "price"]
    if missing := [name for name in needed if name not in frame.columns]:
        raise BenchmarkError(f"expected columns {needed} in {path}, found no {missing}; build the bundle with this release")
    return Catalog(version, (root / version).resolve(), frame.select(needed))
