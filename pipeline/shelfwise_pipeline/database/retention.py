"""Events have an age at which they go: all of them, impressions perhaps sooner.

This is no erasure of a shopper: nothing is written for others to follow. Services need not know; what they count in memory
leaves their windows by its own age, and a history is read anew with every request.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

SLICE_PAGES = 1024
"""8 MB of the table, some 60,000 events: a slice is a fifth of a second's transaction, whatever the table's size."""

SLICE_SESSIONS = 1000

_FORGOTTEN = """
    merged_at < now() - %(age)s::interval
    AND NOT EXISTS (SELECT FROM behavior.events WHERE events.session_id = sessions.session_id)
"""
_TO_FORGET = f"""
    SELECT session_id FROM behavior.sessions WHERE session_id > %(after)s AND {_FORGOTTEN} ORDER BY session_id LIMIT %(most)s
"""  # noqa: S608 - of ours
_FORGET = f"DELETE FROM behavior.sessions WHERE session_id = ANY(%(sessions)s) AND {_FORGOTTEN}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Retention:
    """How long events are kept, by their own time; None: for ever."""

    events: timedelta | None = None
    impressions: timedelta | None = None

    @classmethod
    def of_days(cls, events: float | None, impressions: float | None) -> "Retention":
        return cls(*(None if days is None else timedelta(days=days) for days in (events, impressions)))


def prune_events(connection: psycopg.Connection[Any], retention: Retention) -> int:
    """Delete the events that are older than they are kept; returns how many. What was taken back so long ago is forgotten, too,
    and which user a session became so long ago that has no event any more. The connection is in autocommit.

    One walk through each table, a slice a transaction, so that it may be cut off anywhere and holds nobody up.
    """
    if retention.events is None and retention.impressions is None:
        return 0
    connection.execute("DELETE FROM behavior.retractions WHERE retracted_at < now() - %s::interval", [retention.events])
    row = connection.execute("SELECT pg_relation_size('behavior.events') / current_setting('block_size')::bigint").fetchone()
    pages = int(row[0]) if row else 0
    deleted = sum(_prune_pages(connection, retention, first) for first in range(0, pages, SLICE_PAGES))
    if retention.events is not None:
        _forget_sessions(connection, retention.events)
    return deleted


def _prune_pages(connection: psycopg.Connection[Any], retention: Retention, first: int) -> int:
    with connection.transaction():
        # Who merges or erases shoppers changes old events, too, and has this lock alone: see the migration v0006_shoppers.
        connection.execute("SELECT pg_advisory_xact_lock_shared('behavior.sessions'::regclass::bigint)")
        return connection.execute(
            "DELETE FROM behavior.events WHERE ctid >= %s::tid AND ctid < %s::tid "
            "AND (timestamp < now() - %s::interval OR (type = 'impression' AND timestamp < now() - %s::interval))",
            [f"({first},0)", f"({first + SLICE_PAGES},0)", retention.events, retention.impressions],
        ).rowcount


def _forget_sessions(connection: psycopg.Connection[Any], age: timedelta) -> None:
    after = ""
    while True:
        values = {"age": age, "after": after, "most": SLICE_SESSIONS}
        found = [session for (session,) in connection.execute(_TO_FORGET, values).fetchall()]
        if not found:
            return
        with connection.transaction():
            # Alone, so that nobody is about to write an event of theirs, or to merge one anew.
            connection.execute("SELECT pg_advisory_xact_lock('behavior.sessions'::regclass::bigint)")
            connection.execute(_FORGET, {"age": age, "sessions": found})
        after = found[-1]
