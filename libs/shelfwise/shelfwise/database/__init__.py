"""Access to PostgreSQL for services; needs the extra `shelfwise[database]`."""

from shelfwise.database.changes import Change, Changes, last_change, read_changes, read_products
from shelfwise.database.pool import Database

__all__ = ["Change", "Changes", "Database", "last_change", "read_changes", "read_products"]
