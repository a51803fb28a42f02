"""What rankers need to go on counting from a bundle: the last months' events, and the position in time at which it was made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from shelfwise_ranker import behavior
from shelfwise_ranker.living.recent import RecentEvents


@dataclass(frozen=True, slots=True)
class EventPosition:
    """Which events a build has read: those visible in `snapshot`. `at`: the time, in seconds since 1970."""

    snapshot: str
    at: float


def read_position(connection: psycopg.Connection[Any]) -> EventPosition:
    """Return the position of the transaction that `connection` is in. Its isolation level must give it one view throughout."""
    row = connection.execute("SELECT pg_current_snapshot()::text, extract(epoch FROM now())::float8").fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return EventPosition(*row)


def write_recent(ranker_folder: Path, events: pl.DataFrame, position: EventPosition) -> None:
    """Add recent.parquet to a ranker's folder, which must already hold the statistics of the same events."""
    statistics = ranker_folder / behavior.FILE
    product_ids = pl.read_parquet(statistics, columns=["product_id"])["product_id"].to_list()
    as_of = float(pl.read_parquet_metadata(statistics)["as_of"])
    RecentEvents.of(product_ids, events, as_of, position.at, position.snapshot).save(ranker_folder)
