"""Ids for events of a shop that has none: equal rows get equal ids, whenever and by whichever release they are imported."""

import hashlib

import polars as pl

DEFAULT_IDENTITY = ("type", "product_id", "user_id", "session_id", "timestamp")
"""Canonical fields; not quantity and value, which a better map may read differently."""


class EventIds:
    """Numbers the events of one file that cannot be told apart: the second equal row is `…-2`, in every import again.

    So the same row in two files (exports that overlap) is one event, and two equal rows in one file are two. Memory is a
    dozen bytes a distinct event.
    """

    def __init__(self) -> None:
        self._seen = pl.DataFrame(schema={"key": pl.UInt64, "times": pl.UInt32})

    def ids(self, identity: pl.DataFrame) -> pl.Series:
        """One id a row of `identity`, whose columns are text."""
        texts = identity.select(pl.concat_str(pl.all().fill_null("\x00"), separator="\x1f"))
        digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts.to_series()]
        rows = pl.DataFrame({"key": pl.Series([int.from_bytes(digest[:8]) for digest in digests], dtype=pl.UInt64)})
        rows = rows.with_columns((pl.int_range(pl.len()).over("key") + 1).alias("here"))
        before = self._seen.join(rows.select("key").unique(), on="key", how="semi")
        numbered = rows.join(before, on="key", how="left", maintain_order="left").select(
            pl.col("here") + pl.col("times").fill_null(0)
        )
        self._seen = pl.concat(
            [
                self._seen.join(before, on="key", how="anti"),
                pl.concat([before, rows.group_by("key").agg(pl.len().cast(pl.UInt32).alias("times"))])
                .group_by("key")
                .agg(pl.col("times").sum().cast(pl.UInt32)),
            ]
        )
        return pl.Series(
            "event_id", [f"{d.hex()}-{n}" for d, n in zip(digests, numbered.to_series(), strict=True)], dtype=pl.String
        )
