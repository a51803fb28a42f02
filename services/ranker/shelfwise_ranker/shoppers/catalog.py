"""Follows the catalog's change log, so that changed and new products are ranked by what they are now."""

import asyncio

from shelfwise.database import read_changes
from shelfwise_ranker.catalog.changes import CatalogChanges
from shelfwise_ranker.shoppers.database import Connection

PAGE = 256
SLICE = 16
"""Changes applied between two requests: about three milliseconds."""


async def follow_catalog(connection: Connection, catalog: CatalogChanges | None) -> None:
    """Apply everything in the log after `catalog.last_change`; what is applied stays, even if the rest cannot be read.

    `catalog`: None for a ranker that was not opened to follow.

    Raises:
        BundleMismatch, AnotherHistory: see `read_changes`.
    """
    more = catalog is not None
    while catalog is not None and more:
        read = await read_changes(connection, catalog.last_change, PAGE, catalog.last_change_at)
        products = [change.product for change in read.changes if change.product is not None]
        for start in range(0, len(products), SLICE):
            catalog.take(products[start : start + SLICE])
            await asyncio.sleep(0)
        catalog.last_change, catalog.last_change_at = read.last, read.last_at or catalog.last_change_at
        more = read.more
