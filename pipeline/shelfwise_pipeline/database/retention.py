"""Deletes events of a certain age; impressions perhaps earlier.

This does not erase a shopper: nothing is written for followers. Services need not know: what they count in memory leaves their
windows by age, and a history is read anew with every request.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

SLICE_PAGES = 1024
"""8 MB of the table, about 60,000 events. A slice is a transaction of a fifth of a second, whatever the table's size."""

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
    """How long events are kept, by their own time; None: forever."""

    events: timedelta | None = None
    impressions: timedelta | None = None

    @classmethod
    def of_days(cls, events: float | None, impressions: float | None) -> "Retention":
        return cls(*(None if days is None else timedelta(days=days) for days in (events, impressions)))


def prune_events(connection: psycopg.Connection[Any], retention: Retention) -> int:
    """Delete the events older than their retention and return how many. Retractions of that age are deleted, too, and so are
    merges of that age of sessions without any events left. The connection is in autocommit.

    It walks through each table once, one slice per transaction, so that it may be interrupted anywhere and blocks nobody for
    long.
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
        # Merging or erasing shoppers changes old events, too, and holds this lock exclusively: see the migration
        # v0006_shoppers.
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
            # Exclusively, so that nobody is about to write an event of these sessions, or to merge one again.
            connection.execute("SELECT pg_advisory_xact_lock('behavior.sessions'::regclass::bigint)")
            connection.execute(_FORGET, {"age": age, "sessions": found})
        after = found[-1]
