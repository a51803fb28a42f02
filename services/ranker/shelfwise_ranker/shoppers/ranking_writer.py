"""Writes the feature log into PostgreSQL, and deletes old rows."""

import asyncio
import time

import psycopg

from shelfwise.errors import ShelfwiseError
from shelfwise_ranker.feature_log import FeatureLog, LoggedRanking, features_digest, packed
from shelfwise_ranker.shoppers.database import Connection, Database
from shelfwise_ranker.tallies import DAY_S

WRITE_S = 1.0
MOST = 200
"""Requests per transaction."""

TIDY_S = 600.0
CHANGES_KEPT_DAYS = 400
"""Far longer than any bundle is served that must still learn of an erasure."""

# A wider second round of one request replaces the first: it is the one that was shown.
_INSERT = b"""
    INSERT INTO behavior.rankings (request_id, asked_at, bundle, kind, features, product_ids, matrix)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (request_id) DO UPDATE SET (logged_at, asked_at, bundle, kind, features, product_ids, matrix)
        = (now(), excluded.asked_at, excluded.bundle, excluded.kind, excluded.features, excluded.product_ids, excluded.matrix)
"""
_TIDY = (
    b"DELETE FROM behavior.rankings WHERE logged_at < now() - make_interval(secs => %(kept_s)s)",
    b"DELETE FROM behavior.shopper_changes WHERE changed_at < now() - make_interval(days => %(changes_days)s)",
)


class RankingWriter:
    """`run` is a task of the lifespan. A failed write is not repeated: the log is only a sample."""

    def __init__(self, database: Database, log: FeatureLog, kept_days: float) -> None:
        self._database = database
        self._log = log
        self._kept_s = kept_days * DAY_S
        self._tidied_at = time.monotonic()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(WRITE_S)
            await self.write()
            if time.monotonic() - self._tidied_at > TIDY_S:
                self._tidied_at = time.monotonic()
                await self.tidy()

    async def write(self) -> None:
        """Write everything that waits now."""
        while rankings := self._log.take(MOST):
            try:
                rows = await asyncio.to_thread(lambda taken: [_row(ranking) for ranking in taken], rankings)

                async def insert(connection: Connection, rows: list[tuple[object, ...]] = rows) -> None:
                    async with connection.transaction(), connection.cursor() as cursor:
                        await cursor.executemany(_INSERT, rows)

                await self._database.run(insert)
            except (ShelfwiseError, psycopg.Error):
                self._log.lost(len(rankings))
            except Exception:
                self._log.lost(len(rankings))
                raise

    async def tidy(self) -> None:
        """Delete rows that are too old; if this fails, another replica or a later call does it."""

        async def delete(connection: Connection) -> None:
            for statement in _TIDY:
                await connection.execute(statement, {"kept_s": self._kept_s, "changes_days": CHANGES_KEPT_DAYS})

        try:
            await self._database.run(delete, within_s=60.0)
        except (ShelfwiseError, psycopg.Error):
            return


def _row(ranking: LoggedRanking) -> tuple[object, ...]:
    return (
        ranking.request_id,
        ranking.asked_at,
        ranking.bundle,
        ranking.model,
        features_digest(ranking.kind),
        ranking.product_ids,
        packed(ranking.matrix),
    )
