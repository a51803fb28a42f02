"""The events of the last months that a bundle carries, so that what it counted can also leave its windows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.event_log import KINDS, PURCHASE
from shelfwise_ranker.living.identity import shopper_key, shopper_names
from shelfwise_ranker.tallies import DAY_S

FILE = "recent.parquet"
UNPLACED_FILE = "recent_unplaced.parquet"
"""Not in every bundle: earlier releases left these events out."""

WINDOW_S = {PURCHASE: 90 * DAY_S}
OTHER_WINDOW_S = 30 * DAY_S
"""How long an event of a kind counts in a window, at most."""

MOST_UNPLACED = 50_000
"""Only the latest are carried: a catalog that drops many products must leave room for events of those to come."""


@dataclass(frozen=True)
class RecentEvents:
    """Parallel arrays, ordered by time; without impressions, and with shoppers as hashes.

    Events of products that the bundle does not know are carried with the product's id: they count when the product arrives.
    """

    rows: NDArray[np.int32]  # of the product table
    times: NDArray[np.float64]  # seconds since 1970
    kinds: NDArray[np.int8]
    shoppers: NDArray[np.int64]
    read_at: float | None = None
    """When the events were read; None: never, so that nothing is known of any."""
    snapshot: str | None = None
    """The PostgreSQL snapshot of that moment (`pg_current_snapshot()`): the bundle counts no event of other transactions."""
    unplaced: tuple[tuple[str, float, int, int], ...] = ()
    """Product, time, kind and shopper, ordered by time."""

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def unknown(cls) -> "RecentEvents":
        return cls(np.empty(0, np.int32), np.empty(0), np.empty(0, np.int8), np.empty(0, np.int64))

    @classmethod
    def of(
        cls, product_ids: list[str], events: pl.DataFrame, as_of: float, read_at: float, snapshot: str | None
    ) -> "RecentEvents":
        """The `events` (columns of the event contract) before `as_of` that still count in a window then; for products that are
        not in `product_ids`, later events too."""
        row_of = pl.DataFrame({"product_id": product_ids, "row": np.arange(len(product_ids), dtype=np.int32)})
        in_windows = events.select(
            pl.col("product_id").cast(pl.String),
            (pl.col("timestamp").dt.epoch("us") / 1e6).alias("time"),
            pl.col("type").cast(pl.String).replace_strict(KINDS, return_dtype=pl.Int8).alias("kind"),
            shopper_names().alias("shopper"),
        ).filter(
            pl.col("kind") > 0,
            pl.col("time") >= as_of - pl.when(pl.col("kind") == PURCHASE).then(WINDOW_S[PURCHASE]).otherwise(OTHER_WINDOW_S),
        )
        placed = in_windows.filter(pl.col("time") < as_of).join(row_of, on="product_id", how="inner")
        keyed = _keyed(placed.sort("time", "row", "shopper", "kind"))
        unplaced = in_windows.join(row_of, on="product_id", how="anti").sort("time", "product_id", "shopper", "kind")
        return cls(
            rows=keyed["row"].to_numpy().astype(np.int32),
            times=keyed["time"].to_numpy().astype(np.float64),
            kinds=keyed["kind"].to_numpy().astype(np.int8),
            shoppers=keyed["key"].cast(pl.Int64).to_numpy().astype(np.int64),
            read_at=read_at,
            snapshot=snapshot,
            unplaced=tuple(_keyed(unplaced.tail(MOST_UNPLACED)).select("product_id", "time", "kind", "key").rows()),
        )

    def save(self, folder: Path) -> None:
        """Write recent.parquet and recent_unplaced.parquet."""
        metadata = {"read_at": repr(self.read_at)} | ({"snapshot": self.snapshot} if self.snapshot else {})
        columns: dict[str, Any] = {"row": self.rows, "time": self.times, "kind": self.kinds, "shopper": self.shoppers}
        pl.DataFrame(columns).write_parquet(folder / FILE, compression="zstd", metadata=metadata)
        pl.DataFrame(self.unplaced, _UNPLACED, orient="row").write_parquet(folder / UNPLACED_FILE, compression="zstd")

    @classmethod
    def load(cls, folder: Path) -> "RecentEvents":
        """Read what `save` wrote; `unknown()` if the bundle has none.

        Raises:
            BundleDamaged: a file is unreadable.
        """
        path = folder / FILE
        if not path.exists():
            return cls.unknown()
        try:
            frame = pl.read_parquet(path)
            facts = pl.read_parquet_metadata(path)
            rows, times, kinds, shoppers = (frame[name].to_numpy().copy() for name in ("row", "time", "kind", "shopper"))
            others = folder / UNPLACED_FILE
            unplaced = tuple(pl.read_parquet(others).select(_UNPLACED.names()).rows()) if others.exists() else ()
            return cls(rows, times, kinds, shoppers, float(facts["read_at"]), facts.get("snapshot"), unplaced)
        except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"{FILE} or {UNPLACED_FILE} cannot be read: {error}; build the bundle again") from error


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a column `key`, the hash of `shopper`."""
    shoppers = frame["shopper"].unique()
    keys = pl.DataFrame(
        {"shopper": shoppers, "key": [shopper_key(shopper) for shopper in shoppers]},
        {"shopper": pl.String, "key": pl.Int64},
    )
    return frame.join(keys, on="shopper", how="left", maintain_order="left")


_UNPLACED = pl.Schema({"product_id": pl.String(), "time": pl.Float64(), "kind": pl.Int8(), "shopper": pl.Int64()})
