"""The catalog's change log, as its followers read it.

Numbers become visible in order (a writer keeps a lock from its first number until it commits), so a reader that has seen
number n has seen everything up to n. A reader does not get the change itself but the product's present state: reading a change
twice, or late, is harmless.

A database that was restored to an earlier moment, or whose standby had not received the last changes, gives their numbers
to other changes. So a reader that continues also says when the last change that it has was written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from shelfwise.contracts.product import Product
from shelfwise.database.pool import Connection
from shelfwise.errors import AnotherHistory, BundleMismatch

PRODUCT_COLUMNS = tuple(Product.model_fields)

_COLUMNS = ", ".join(f"product.{name}" for name in PRODUCT_COLUMNS if name != "product_id")

_READ = f"""
WITH later AS (SELECT seq, product_id, committed_at FROM catalog.changes WHERE seq > %(after)s ORDER BY seq LIMIT %(limit)s),
     changed AS (SELECT product_id, max(seq) AS seq FROM later GROUP BY product_id)
SELECT log_start.seq AS begins, (SELECT committed_at FROM catalog.changes WHERE seq = %(after)s) AS after_at,
       (SELECT count(*) FROM later) AS read, changed.seq, later.committed_at, changed.product_id, {_COLUMNS}
FROM catalog.log_start LEFT JOIN changed ON true LEFT JOIN later ON later.seq = changed.seq
LEFT JOIN catalog.products AS product ON product.product_id = changed.product_id ORDER BY changed.seq
"""  # noqa: S608 - names from a model of ours

_PRODUCTS = f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM catalog.products WHERE product_id = ANY(%s)"  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Change:
    """A product that changed, and its present state; None if it does not exist any more."""

    seq: int
    product_id: str
    product: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Changes:
    """`last`: the number up to which the log has been read; `last_at`: when that change was written, None if the log does not
    have it; `more`: whether there may already be later ones."""

    changes: list[Change]
    last: int
    last_at: datetime | None
    more: bool


async def read_changes(connection: Connection, after: int, limit: int, after_at: datetime | None = None) -> Changes:
    """Up to `limit` rows of the log after number `after`; each product once, in its present state.

    `after_at`: when number `after` was written, as far as the caller knows.

    Raises:
        BundleMismatch: the log does not go back that far; a newer bundle has to be served.
        AnotherHistory: number `after` is another change than the one that the caller has, or is not there at all.
    """
    cursor = connection.cursor(row_factory=dict_row)
    rows = await (await cursor.execute(_READ, {"after": after, "limit": limit})).fetchall()
    read, begins, found_at = (rows[0]["read"], rows[0]["begins"], rows[0]["after_at"]) if rows else (0, 0, None)
    if begins > after + 1:
        raise BundleMismatch(
            f"expected the catalog's change log to go back to change {after + 1}, the first one after this bundle, "
            f"found that it begins with {begins}; older changes were pruned: publish a newer bundle (`shelfwise build`)"
        )
    if after >= max(begins, 1) and (found_at is None or after_at not in (None, found_at)):
        raise AnotherHistory(_told_of(after, after_at, found_at))
    if not read:
        return Changes([], after, found_at, more=False)
    return Changes([_change(row) for row in rows], rows[-1]["seq"], rows[-1]["committed_at"], more=read == limit)


async def read_products(connection: Connection, product_ids: Collection[str]) -> list[dict[str, Any]]:
    """The products that exist, in their present state."""
    cursor = connection.cursor(row_factory=dict_row)
    rows = await (await cursor.execute(_PRODUCTS, [list(product_ids)])).fetchall()
    return [product for row in rows if (product := product_of(row)) is not None]


async def last_change(connection: Connection) -> int:
    """The highest number in the log; 0 if it is empty."""
    row = await (await connection.execute("SELECT coalesce(max(seq), 0) FROM catalog.changes")).fetchone()
    return int(row[0]) if row else 0


def _change(row: dict[str, Any]) -> Change:
    return Change(row["seq"], row["product_id"], product_of({name: row[name] for name in PRODUCT_COLUMNS}))


def _told_of(after: int, after_at: datetime | None, found_at: datetime | None) -> str:
    written = f", written at {after_at.isoformat()}," if after_at else ""
    found = f"one written at {found_at.isoformat()}" if found_at else "no such change"
    return (
        f"expected change {after}{written} in the catalog's change log, found {found}; the database was restored to an earlier "
        "state, lost its last writes, or is not the one that the bundle was built from, so its changes are not applied: "
        "check DATABASE_URL, then run `shelfwise build --force`"
    )


def product_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """A row of catalog.products with the contract's types; None if its columns are null, as a join leaves them."""
    if row["title"] is None:
        return None
    price = row["price"]
    return {**row, "price": float(price) if isinstance(price, Decimal) else price}
