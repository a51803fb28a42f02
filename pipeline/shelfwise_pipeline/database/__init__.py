"""PostgreSQL, the system of record: the embedded server, connections, the schema's migrations."""

from shelfwise_pipeline.database.connect import connect
from shelfwise_pipeline.database.embedded import EmbeddedPostgres
from shelfwise_pipeline.database.errors import (
    DatabaseError,
    DatabaseUnreachable,
    EmbeddedDatabaseError,
    MigrationError,
    MigrationLocked,
)
from shelfwise_pipeline.database.migrate import migrate, schema_version

__all__ = [
    "DatabaseError",
    "DatabaseUnreachable",
    "EmbeddedDatabaseError",
    "EmbeddedPostgres",
    "MigrationError",
    "MigrationLocked",
    "connect",
    "migrate",
    "schema_version",
]
