"""Replaces transaction numbers of another server, restored from a dump, by ones that this server finished long ago.

Rankers follow events by the numbers of the transactions that wrote them. A new server begins with small numbers, so restored
rows would look new until its own numbers have caught up, perhaps after months.
"""

from typing import Any

import psycopg

_EVER_SHOWN = "'3'::xid8"
"""The first number that a server assigns; it is visible in every snapshot."""

_NOT_YET = "transaction >= pg_snapshot_xmax(pg_current_snapshot())"
"""A visible row with such a number can only come from another server."""

_FOLLOWED = {
    "behavior.events": "transaction = NULL",
    "behavior.shopper_changes": f"transaction = {_EVER_SHOWN}",
    "behavior.retractions": f"transaction = {_EVER_SHOWN}, event_transaction = NULL",
}


def renumber(connection: psycopg.Connection[Any]) -> None:
    """Renumber all rows that this server cannot have written itself; almost no work if there are none. `connection`: in
    autocommit."""
    for table, past in _FOLLOWED.items():
        connection.execute(f"UPDATE {table} SET {past} WHERE {_NOT_YET}")  # noqa: S608 - names of ours
