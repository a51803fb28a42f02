"""The writer's SQL statements."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from psycopg.rows import dict_row

from shelfwise.database.changes import PRODUCT_COLUMNS, product_of
from shelfwise.database.pool import Connection

_NAMES = ", ".join(PRODUCT_COLUMNS)
_VALUES = ", ".join(name for name in PRODUCT_COLUMNS if name != "product_id")
_NEW = ", ".join(f"excluded.{name}" for name in PRODUCT_COLUMNS if name != "product_id")

# In id order, as everyone who locks several products does, so that two writers never wait for each other in both directions.
_LOCK = f"SELECT {_NAMES} FROM catalog.products WHERE product_id = ANY(%s) ORDER BY product_id FOR UPDATE"  # noqa: S608

_UPSERT = f"""
INSERT INTO catalog.products ({_NAMES})
SELECT {_NAMES} FROM jsonb_populate_recordset(null::catalog.products, %s) ORDER BY product_id
ON CONFLICT (product_id) DO UPDATE SET ({_VALUES}) = ROW ({_NEW})
"""  # noqa: S608 - names from a model of ours

_DELETE = "DELETE FROM catalog.products WHERE product_id = ANY(%s)"

_SEQS = "SELECT product_id, max(seq) FROM catalog.changes WHERE seq > %s AND product_id = ANY(%s) GROUP BY product_id"


async def lock(connection: Connection, product_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The existing ones of the products, by id, locked against changes by others until the transaction ends."""
    cursor = connection.cursor(row_factory=dict_row)
    rows = await (await cursor.execute(_LOCK, [list(product_ids)])).fetchall()
    return {row["product_id"]: product for row in rows if (product := product_of(row)) is not None}


async def upsert(connection: Connection, products: Iterable[Mapping[str, Any]]) -> None:
    if rows := list(products):
        await connection.execute(_UPSERT, [orjson.dumps(rows).decode()])


async def delete(connection: Connection, product_ids: Collection[str]) -> None:
    if product_ids:
        await connection.execute(_DELETE, [list(product_ids)])


async def seqs_since(connection: Connection, after: int, product_ids: Collection[str]) -> dict[str, int]:
    """The last number of each product in the log after `after`."""
    cursor = await connection.execute(_SEQS, [after, list(product_ids)])
    return dict(await cursor.fetchall())
