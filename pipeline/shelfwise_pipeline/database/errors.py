"""The errors that occur before any data is read.

DatabaseError
├── EmbeddedDatabaseError   our own server does not start or stop
├── DatabaseUnreachable     nothing answers at DATABASE_URL, or it refuses us
└── MigrationError          the schema cannot be brought to this code's version
    └── MigrationLocked     another migration is still running
"""

from shelfwise_pipeline.errors import PipelineError


class DatabaseError(PipelineError):
    """The base class. The message says what was expected, what was found and what to do."""


class EmbeddedDatabaseError(DatabaseError):
    """The embedded PostgreSQL does not start or stop; the message ends with its own log."""


class DatabaseUnreachable(DatabaseError):
    """No connection to the database; the message never shows a password."""


class MigrationError(DatabaseError):
    """The schema is newer than this code, or a migration failed and was rolled back."""


class MigrationLocked(MigrationError):
    """Another migration held the lock for longer than the timeout."""
