"""A shopper's history, read from PostgreSQL on request: an event counts at the next request, on every replica."""

import time

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.event import MAX_AHEAD_S
from shelfwise.contracts.history import ContextRequest, History
from shelfwise.deadline import Deadline
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.history import MAX_EVENTS, history_of
from shelfwise_ranker.shoppers.database import Connection, Database

# Each arm reads the first entries of one index, in its order, and entries of one moment in the order of `history_of`.
_BY_USER = """
    (SELECT product_id, type, timestamp FROM behavior.events
     WHERE user_id = %(user)s AND type <> 'impression'
     ORDER BY timestamp DESC, product_id COLLATE "C", type COLLATE "C" LIMIT %(most)s)
"""
# Several people may share a device: of events whose user is known, only the asker's own count, which the other arm finds.
_BY_SESSION_OF_NOBODY = """
    (SELECT product_id, type, timestamp FROM behavior.events
     WHERE session_id = %(session)s AND user_id IS NULL AND type <> 'impression'
     ORDER BY timestamp DESC, product_id COLLATE "C", type COLLATE "C" LIMIT %(most)s)
"""
_EITHER = """
    SELECT product_id, type, timestamp FROM ({user} UNION ALL {session}) AS either
    ORDER BY timestamp DESC, product_id COLLATE "C", type COLLATE "C" LIMIT %(most)s
"""
# Asked for alone, a session is the user that it became or, in a shop that merges none, that of its last event with a user.
_BY_SESSION = """
    WITH latest AS MATERIALIZED (
        SELECT product_id, type, timestamp, user_id FROM behavior.events
        WHERE session_id = %(session)s AND type <> 'impression'
        ORDER BY timestamp DESC, product_id COLLATE "C", type COLLATE "C" LIMIT %(most)s
    )
    SELECT product_id, type, timestamp FROM latest WHERE user_id IS NULL OR user_id = coalesce(
        (SELECT user_id FROM behavior.sessions WHERE session_id = %(session)s),
        (SELECT user_id FROM latest WHERE user_id IS NOT NULL ORDER BY timestamp DESC, user_id LIMIT 1)
    )
"""
# One row with three arrays: psycopg reads it faster than one row per event.
_COLUMNS = """
    SELECT array_agg(product_id), array_agg(type), array_agg(extract(epoch FROM timestamp)::float8) FROM ({found}) AS found
"""
_QUERIES = {
    (True, False): _COLUMNS.format(found=_BY_USER).encode(),
    (False, True): _COLUMNS.format(found=_BY_SESSION).encode(),
    (True, True): _COLUMNS.format(found=_EITHER.format(user=_BY_USER, session=_BY_SESSION_OF_NOBODY)).encode(),
}


async def history(database: Database, asked: ContextRequest, deadline: Deadline | None) -> History:
    """The history that `ContextRequest` describes, as of now; empty for an unknown shopper.

    Raises:
        DatabaseUnavailable, Overloaded, DeadlineExceeded: see `Database.run`.
    """
    query = _QUERIES[asked.user_id is not None, asked.session_id is not None]
    values = {"user": asked.user_id, "session": asked.session_id, "most": MAX_EVENTS}

    async def read(connection: Connection) -> tuple[list[str] | None, list[str], list[float]]:
        cursor = await connection.execute(query, values, binary=True)
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - an aggregate without GROUP BY has one row
        return row[0], row[1], row[2]

    products, types, times = await database.run(read, deadline)
    if not products:
        return history_of([], np.empty(0, np.int8), np.empty(0), 0.0)
    kinds = np.array([KINDS[name] for name in types], dtype=np.int8)
    moments = np.array(times)
    return history_of(products, kinds, moments, _asked_at(moments))


def _asked_at(moments: NDArray[np.float64]) -> float:
    """Now, or right after the last of `moments` that a clock running ahead may have written: that event has happened."""
    now = time.time()
    happened = moments[moments <= now + MAX_AHEAD_S]
    return max(now, float(np.nextafter(happened.max(initial=-np.inf), np.inf)))
