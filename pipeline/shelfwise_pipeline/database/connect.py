"""Connections: psycopg 3, with helpful messages that never show a password."""

from typing import Any

import psycopg
from psycopg import conninfo

from shelfwise.database.address import UNREADABLE, is_readable
from shelfwise.database.session import AS_EXPECTED
from shelfwise_pipeline.database.errors import DatabaseUnreachable

CONNECT_TIMEOUT_S = 10


def connect(url: str, **options: Any) -> psycopg.Connection[Any]:
    """Return a connection to the database at `url` (libpq URL or key=value string), with times in UTC.

    `options` go to psycopg, e.g. `autocommit=True`. Raises DatabaseUnreachable, whose message never contains the password.
    """
    if not is_readable(url):
        raise DatabaseUnreachable(f"DATABASE_URL: {UNREADABLE}")
    settings = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "shelfwise", **options}
    try:
        connection = psycopg.connect(url, **settings)
    except psycopg.Error as error:
        raise DatabaseUnreachable(
            f"expected PostgreSQL at {describe(url)}, found: {str(error).strip() or type(error).__name__}; "
            "check DATABASE_URL and that the server runs"
        ) from error
    was_autocommit = connection.autocommit
    connection.autocommit = True
    connection.execute(AS_EXPECTED)
    connection.autocommit = was_autocommit
    return connection


def describe(url: str) -> str:
    """Return where a readable URL points to: user, host, port and database, without the password."""
    parts = conninfo.conninfo_to_dict(url)
    shown = {name: parts[name] for name in ("user", "host", "port", "dbname") if parts.get(name)}
    return repr(" ".join(f"{name}={value}" for name, value in shown.items()))
