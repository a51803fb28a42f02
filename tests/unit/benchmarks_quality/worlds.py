"""A small shop with habits, made with a seed: enough for every peer to learn from."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.protocol import Known

START = datetime(2024, 1, 1, tzinfo=UTC)
FROZEN_AT = datetime(2024, 4, 1, tzinfo=UTC)
KINDS = ("tea", "paint", "rope")
PRODUCTS = {f"{kind}{number}": f"{kind} number {number}" for kind in KINDS for number in range(8)}


def products() -> pl.DataFrame:
    """24 products of three kinds."""
    shelves = [[kind] for kind in KINDS for _ in range(8)]
    return canonical.products(
        pl.DataFrame({"product_id": list(PRODUCTS), "title": list(PRODUCTS.values()), "category": shelves})
    )


def lines(users: int = 30, baskets: int = 8, seed: int = 3) -> pl.DataFrame:
    """Every user buys one kind, mostly the same products again, in baskets of three from January to May."""
    draw = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        kind = KINDS[user % len(KINDS)]
        favorites = draw.permutation(8)[:4]
        days = np.sort(draw.integers(0, 150, size=baskets))
        for basket, day in enumerate(days.tolist()):
            session = f"{user}/{basket}"
            bought = [*draw.permutation(favorites)[:2].tolist(), int(draw.integers(8))]
            for position, number in enumerate(dict.fromkeys(bought), start=1):
                moment = START + timedelta(days=day, hours=user % 24)
                rows.append((f"{session}/{number}", "purchase", f"{kind}{number}", f"user{user}", session, moment, position))
    names = ("event_id", "type", "product_id", "user_id", "session_id", "timestamp", "position")
    frame = pl.DataFrame(rows, schema=names, orient="row").sort("timestamp", "session_id", "position")
    return canonical.events(frame)


def known() -> Known:
    """The shop as it is at FROZEN_AT."""
    return Known(products(), lines().filter(pl.col("timestamp") < FROZEN_AT), moment=FROZEN_AT)
