"""myntra-fashion: 44,446 products of an Indian fashion shop, many of them nearly alike. It has no events."""

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.task import Dataset


def read(place: DataPlace) -> Dataset:
    """Title, category path (three levels), color, season and use. The brand is only in the title."""
    raw = pl.read_csv(
        place.file("myntra-fashion", "products.csv.gz"), schema_overrides={"id": pl.String}, infer_schema_length=None
    )
    path = pl.concat_list("masterCategory", "subCategory", "articleType").list.drop_nulls()
    described = pl.struct(color="baseColour", gender="gender", season="season", usage="usage").struct.json_encode()
    products = raw.unique("id", keep="first", maintain_order=True).select(
        product_id="id",
        title=pl.col("productDisplayName").fill_null("").str.strip_chars(),
        category=path,
        attributes=described,
    )
    return Dataset(
        canonical.products(products.filter(pl.col("title").str.len_chars() > 0)), canonical.NO_LINES, canonical.NO_JUDGEMENTS
    )
