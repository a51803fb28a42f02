"""What the products are known by that a question leaves out: who asks wants no variants of them, either."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from shelfwise.contracts.history import History
from shelfwise_retriever.catalog import Catalog

MOST_TOUCHED = 100
"""Of a history; a title takes the gateway some microseconds to compare."""


def left_out(catalog: Catalog, seeds: Sequence[str], history: History | None, exclude: Collection[str]) -> list[dict[str, Any]]:
    """`contracts.retrieve.LeftOut` of the seeds and of the history's latest excluded products that the catalog holds.

    Products that only the caller excludes are none of them: what keeps one out of an answer may not hold for its variants.
    """
    excluded = set(exclude)
    touched = (key for key in history.products if key in excluded) if history is not None and excluded else ()
    rows = (catalog.find(product_id) for product_id in (*seeds, *islice(touched, MOST_TOUCHED)))
    return [catalog.known_by(row) for row in rows if row is not None]
