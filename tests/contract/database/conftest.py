"""Every test here talks to a real PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shelfwise_pipeline.database import connect
from tests.support.postgres import database, empty_database, postgres

__all__ = ["connection", "database", "empty_database", "postgres"]


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection, in autocommit, to an empty database with the current schema."""
    with connect(database, autocommit=True) as open_connection:
        yield open_connection
