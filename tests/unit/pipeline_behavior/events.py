"""Events written by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

NOW = datetime(2024, 6, 1, tzinfo=UTC)

Line = tuple[str, str | None, str | None, float, str]
"""product, user, session, days before NOW, type."""


def events(lines: Sequence[Line]) -> pl.DataFrame:
    """The columns of the event contract that a fit reads."""
    return pl.DataFrame(
        {
            "type": [kind for *_, kind in lines],
            "product_id": [product for product, *_ in lines],
            "user_id": [user for _, user, *_ in lines],
            "session_id": [session for _, _, session, *_ in lines],
            "timestamp": [NOW - timedelta(days=days) for *_, days, _ in lines],
        },
        schema_overrides={
            "type": pl.String,
            "product_id": pl.String,
            "user_id": pl.String,
            "session_id": pl.String,
            "timestamp": pl.Datetime("us", "UTC"),
        },
    )


def bought(basket: str, products: str, user: str = "u", days: float = 1.0, kind: str = "purchase") -> list[Line]:
    """One basket; every letter of `products` is a product."""
    return [(product, user, basket, days, kind) for product in products]
