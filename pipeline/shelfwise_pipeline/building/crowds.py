"""Finds users that are not one person: a till, or everybody without an account."""

import polars as pl

MIN_SHARE = 0.05
"""The minimum share of all purchases."""

MIN_TIMES = 20
"""The minimum multiple of a user's average purchases: in a shop with few customers, each has a large share."""


def crowds(events: pl.DataFrame) -> list[str]:
    """Return a sentence for each user with more purchases than one person can have, with advice; `events` as in
    EVENT_COLUMNS."""
    bought = events.filter((pl.col("type") == "purchase") & pl.col("user_id").is_not_null())
    of_user = bought.group_by("user_id").agg(pl.len().alias("purchases")).sort("purchases", "user_id", descending=True)
    total, users = bought.height, max(of_user.height, 1)
    many = of_user.filter(pl.col("purchases") > max(MIN_SHARE, MIN_TIMES / users) * total)
    return [
        f"user_id {user!r} has {purchases / total:.0%} of the purchases of {users:,} users. If this id stands for a cash "
        "register, or for everybody without an account, many people's tastes are taken for one person's: import such purchases "
        "without user_id, with a session_id for each receipt"
        for user, purchases in many.iter_rows()
    ]
