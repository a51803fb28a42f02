"""The catalog as a table: its columns and their types."""

from pathlib import Path

import orjson
import polars as pl

from shelfwise.errors import BundleDamaged

FILE = "products.parquet"

COLUMNS: dict[str, pl.DataType] = {
    "product_id": pl.String(),
    "title": pl.String(),
    "description": pl.String(),
    "brand": pl.String(),
    "category": pl.List(pl.String()),  # broad to narrow
    "price": pl.Float64(),
    "currency": pl.String(),
    "image_url": pl.String(),
    "rating": pl.Float64(),
    "rating_count": pl.Int64(),
    "in_stock": pl.Boolean(),
    "attributes": pl.String(),  # a JSON object, text to text
    "variant_group": pl.String(),
    "created_at": pl.Datetime("us", "UTC"),
}


def tidy(products: pl.DataFrame) -> pl.DataFrame:
    """`products` with exactly `COLUMNS`: absent columns become null, others are dropped, the order of rows stays.

    `attributes` may be JSON text, a map, a struct, or a list of key and value.

    Raises:
        ValueError: a product_id or title is missing, an id occurs twice, or attributes are not an object.
    """
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in COLUMNS.items() if name not in products.columns]
    tidied = (
        products.with_columns(absent)
        .with_columns(_attributes(products))
        .with_columns(_utc(products))
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .with_columns(pl.col("in_stock").fill_null(True), pl.col("category").fill_null([]))
    )
    for name in ("product_id", "title"):
        if missing := tidied[name].null_count():
            raise ValueError(f"expected a {name} for every product, found {missing} without")
    if repeated := tidied.height - tidied["product_id"].n_unique():
        raise ValueError(f"expected every product_id once, found {repeated} again")
    return tidied


def read(path: Path) -> pl.DataFrame:
    """The table that `tidy` made.

    Raises:
        BundleDamaged: the file has other columns than `COLUMNS`.
    """
    products = pl.read_parquet(path, glob=False)
    if dict(products.schema) != COLUMNS:
        raise BundleDamaged(
            f"{path.name}: expected the columns {list(COLUMNS)}, found {products.columns}; build the bundle again"
        )
    return products


def _attributes(products: pl.DataFrame) -> list[pl.Series]:
    """The attributes as compact JSON, whatever their input form; equal texts are parsed once."""
    if "attributes" not in products.columns:
        return []
    seen: dict[str, str | None] = {}
    texts: list[str | None] = []
    for value in products["attributes"].to_list():
        if not isinstance(value, str):
            texts.append(_as_json(value))
            continue
        if value not in seen:
            seen[value] = _as_json(_parsed(value))
        texts.append(seen[value])
    return [pl.Series("attributes", texts, pl.String)]


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        raise ValueError(f"expected attributes as a JSON object, found {text[:60]!r}") from None


def _as_json(attributes: object) -> str | None:
    if isinstance(attributes, list):
        attributes = dict(pair.values() for pair in attributes)
    if not isinstance(attributes, dict):
        if attributes is None:
            return None
        raise ValueError(f"expected attributes as an object of text to text, found {type(attributes).__name__}")
    return orjson.dumps({name: str(value) for name, value in attributes.items() if value is not None}).decode()


def _utc(products: pl.DataFrame) -> list[pl.Expr]:
    dtype = products.schema.get("created_at")
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is not None:
        return []
    return [pl.col("created_at").dt.replace_time_zone("UTC")]
