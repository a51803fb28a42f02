"""Transactions of another server, which a dump brings along, become some that this one ended long ago.

Rankers follow events by the numbers of the transactions that wrote them. A new server begins with small ones: what it was
restored from would be news to it until its own numbers have come as far, perhaps after months.
"""

from typing import Any

import psycopg

_EVER_SHOWN = "'3'::xid8"
"""The first number that a server gives; every snapshot shows it."""

_NOT_YET = "transaction >= pg_snapshot_xmax(pg_current_snapshot())"
"""Of a row that is seen, only another server can have given such a number."""

_FOLLOWED = {
    "behavior.events": "transaction = NULL",
    "behavior.shopper_changes": f"transaction = {_EVER_SHOWN}",
    "behavior.retractions": f"transaction = {_EVER_SHOWN}, event_transaction = NULL",
}


def renumber(connection: psycopg.Connection[Any]) -> None:
    """All that this server cannot have written itself; hardly any work where there is none. `connection`: in autocommit."""
    for table, past in _FOLLOWED.items():
        connection.execute(f"UPDATE {table} SET {past} WHERE {_NOT_YET}")  # noqa: S608 - names of ours
