"""Products written with SQL hold no value that a reader of the change log cannot represent."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from shelfwise.database import Database, read_changes
from shelfwise_pipeline.database import connect, migrate
from shelfwise_pipeline.database.migrate import downgrade

ENDLESS = [
    ("price", "NaN"),
    ("rating", "NaN"),
    ("rating", "Infinity"),
    ("created_at", "infinity"),
    ("created_at", "-infinity"),
    ("created_at", "0044-03-15 BC"),
    ("created_at", "10000-01-01 00:00Z"),
]


def put(connection: psycopg.Connection[Any], product_id: str, column: str, value: str) -> None:
    connection.execute(
        f"INSERT INTO catalog.products (product_id, title, {column}) VALUES (%s, 'Comb', '{value}')", [product_id]
    )


@pytest.mark.parametrize(("column", "value"), ENDLESS)
def test_nan_infinity_and_dates_out_of_range_are_refused(connection: psycopg.Connection[Any], column: str, value: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=f"products_{column}_finite"):
        put(connection, "1", column, value)


async def test_migrating_sets_existing_non_finite_values_to_null_in_the_change_log(empty_database: str) -> None:
    migrate(empty_database)
    downgrade(empty_database, "0009")
    with connect(empty_database, autocommit=True) as connection:
        for column, value in ENDLESS:
            put(connection, f"{column} {value}", column, value)
        put(connection, "last", "created_at", "9999-12-31 23:59:59.999999Z")
    migrate(empty_database)
    async with Database(empty_database, "test") as database, database.connection() as follower:
        found = [change.product for change in (await read_changes(follower, 0, 100)).changes]
    told = [{name: product[name] for name in ("price", "rating", "created_at")} for product in found if product is not None]
    unknown = {"price": None, "rating": None, "created_at": None}
    last = unknown | {"created_at": datetime.max.replace(tzinfo=UTC)}
    assert sorted(told, key=str) == sorted([last, *[unknown] * len(ENDLESS)], key=str)
