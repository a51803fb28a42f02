"""What identifies variants of the products that a question leaves out: their variants are not wanted, either."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from shelfwise.contracts.history import History
from shelfwise_retriever.catalog import Catalog

MOST_TOUCHED = 100
"""Latest excluded products of a history that are considered; the gateway takes some microseconds to compare a title."""


def left_out(catalog: Catalog, seeds: Sequence[str], history: History | None, exclude: Collection[str]) -> list[dict[str, Any]]:
    """`contracts.retrieve.LeftOut` of the seeds and of the history's latest excluded products that the catalog holds.

    Products that only the caller excludes are not included: the reason to exclude one may not hold for its variants.
    """
    excluded = set(exclude)
    touched = (key for key in history.products if key in excluded) if history is not None and excluded else ()
    rows = (catalog.find(product_id) for product_id in (*seeds, *islice(touched, MOST_TOUCHED)))
    return [catalog.known_by(row) for row in rows if row is not None]
