"""What a shopper did, read from PostgreSQL when it is asked: an event counts at the next request, on every replica."""

import time

import numpy as np

from shelfwise.contracts.history import ContextRequest, History
from shelfwise.deadline import Deadline
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.history import MAX_EVENTS, history_of
from shelfwise_ranker.shoppers.database import Connection, Database

# Each arm is the first entries of one index, in its order.
_BY_USER = """
    (SELECT product_id, type, timestamp FROM behavior.events
     WHERE user_id = %(user)s AND type <> 'impression' ORDER BY timestamp DESC LIMIT %(most)s)
"""
_BY_SESSION = """
    (SELECT product_id, type, timestamp FROM behavior.events
     WHERE session_id = %(session)s AND type <> 'impression' ORDER BY timestamp DESC LIMIT %(most)s)
"""
# What has both ids is found by its user already.
_BY_SESSION_OF_ANOTHER = _BY_SESSION.replace("ORDER BY", "AND user_id IS DISTINCT FROM %(user)s ORDER BY")
# One row with three arrays: psycopg reads them faster than as many rows.
_COLUMNS = """
    SELECT array_agg(product_id), array_agg(type), array_agg(extract(epoch FROM timestamp)::float8) FROM ({found}) AS found
"""
_QUERIES = {
    (True, False): _COLUMNS.format(found=_BY_USER).encode(),
    (False, True): _COLUMNS.format(found=_BY_SESSION).encode(),
    (True, True): _COLUMNS.format(
        found=f"{_BY_USER} UNION ALL {_BY_SESSION_OF_ANOTHER} ORDER BY timestamp DESC LIMIT %(most)s"
    ).encode(),
}


async def history(database: Database, asked: ContextRequest, deadline: Deadline | None) -> History:
    """The history of a user, of a session, or of both together, as of now; empty for an unknown shopper.

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
    return history_of(products, kinds, np.array(times), time.time())
