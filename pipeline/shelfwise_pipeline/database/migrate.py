"""Brings the schema to the version that this code needs: alembic, run from Python, with its scripts inside this package."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from shelfwise_pipeline.database.connect import connect
from shelfwise_pipeline.database.errors import MigrationError, MigrationLocked
from shelfwise_pipeline.database.renumbering import renumber

NEWEST = "head"
SCRIPTS = "shelfwise_pipeline.database:migrations"
LOCK_KEY = 0x5368656C66  # "Shelf"; advisory locks share one number space in a database
LOCK_TIMEOUT_S = 120


def migrate(url: str, *, target: str = NEWEST, lock_timeout_s: float = LOCK_TIMEOUT_S) -> str | None:
    """Upgrades the schema to `target` and returns the resulting version. Doing it twice changes nothing. Rows restored from
    another server then get transaction numbers of this one.

    Each migration is one transaction. Raises MigrationLocked, MigrationError or DatabaseUnreachable.
    """
    version = _move(url, command.upgrade, target, lock_timeout_s)
    if target == NEWEST:
        with connect(url, autocommit=True) as connection:
            renumber(connection)
    return version


def downgrade(url: str, target: str, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> str | None:
    """Downgrades the schema to `target` ("base" drops it all, with its data) and returns the resulting version."""
    return _move(url, command.downgrade, target, lock_timeout_s)


def schema_version(url: str) -> str | None:
    """Return the schema's current version; None before the first migration."""
    with _engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _move(url: str, step: Any, target: str, lock_timeout_s: float) -> str | None:
    with _only_migrator(url, lock_timeout_s), _engine(url).connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        try:
            step(config, target)
            connection.commit()
        except CommandError as error:
            raise MigrationError(
                f"expected a schema version that this code knows, found: {error}; "
                "a newer Shelfwise has migrated this database: run that one, or use another database"
            ) from error
        except DBAPIError as error:
            raise MigrationError(f"a migration failed and was rolled back: {error.orig}") from error
        return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _only_migrator(url: str, timeout_s: float) -> Iterator[None]:
    """Holds a session lock on a connection of its own, because a migration may commit in between."""
    with connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{int(timeout_s * 1000)}ms"])
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        except psycopg.errors.LockNotAvailable as error:
            raise MigrationLocked(
                f"expected to be the only migration, found another one that did not end within {timeout_s:g} s; "
                "wait for it, or end its session (see pg_stat_activity)"
            ) from error
        yield


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config


def _engine(url: str) -> Engine:
    # `creator` passes the libpq URL to psycopg unchanged: SQLAlchemy's own parser supports neither sockets nor services.
    return create_engine("postgresql+psycopg://", creator=lambda: connect(url), poolclass=NullPool)
