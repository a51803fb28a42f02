"""Reads the shop in the database as a build reads it."""

from datetime import datetime

import polars as pl
from psycopg import Connection

from benchmarks.quality.data import canonical
from benchmarks.quality.task import Dataset
from shelfwise_pipeline.building.reading import read_shop
from shelfwise_pipeline.importing import fingerprint, snapshot
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.shop import Shop


def read(connection: Connection, settings: PipelineSettings) -> Dataset:
    """The database's present state; `connection` must be idle."""
    with snapshot(connection):
        return cleaned(read_shop(connection, settings, fingerprint(connection).last_event_at))


def cleaned(shop: Shop) -> Dataset:
    """The products in stock, with their events and judgements. Relevance is the grade plus one.

    A basket is a session or, without one, what a user did at one moment. Events of the same moment are shuffled by a hash: the
    stored order of an order's lines does not say which product was chosen first.
    """
    offered = shop.products.filter(pl.col("in_stock").fill_null(True))
    moment = pl.format("{} {}", "user_id", pl.col("timestamp").dt.epoch("us"))
    lines = (
        canonical.events(shop.events)
        .join(offered.select("product_id"), on="product_id", how="semi", maintain_order="left")
        .with_columns(session_id=pl.coalesce("session_id", moment))
        .with_columns(lot=pl.struct("product_id", "session_id").hash(seed=0))
        .sort("timestamp", "lot", "product_id", maintain_order=True)
        .drop("lot")
    )
    judgements = shop.judgements.select("query", "product_id", relevance=pl.col("grade") + 1.0).join(
        offered.select("product_id"), on="product_id", how="semi", maintain_order="left"
    )
    return Dataset(canonical.products(offered), lines, judgements)


def catalog(products: pl.DataFrame, past: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """The products that the shop had before `moment`. `past`: the events before it.

    A product without a date was always there. A product whose date is later than its first event was there since that event: a
    second import may have changed the date. Today's ratings are left out: products that sold well since then have more.
    """
    seen = past.group_by("product_id").agg(seen=pl.col("timestamp").min())
    dated = products.join(seen, on="product_id", how="left").with_columns(
        created_at=pl.when(pl.col("created_at").is_not_null()).then(pl.min_horizontal("created_at", "seen"))
    )
    known = dated.filter(pl.col("created_at").is_null() | (pl.col("created_at") < moment))
    return canonical.products(known.drop("rating", "rating_count"))
