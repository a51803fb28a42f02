"""Users that are no person: a till, or everybody without an account."""

import polars as pl

MIN_SHARE = 0.05
"""Of all purchases."""

MIN_TIMES = 20
"""… and so many times what a user has on average: in a shop of a few customers each has much."""


def crowds(events: pl.DataFrame) -> list[str]:
    """A sentence for each user who has more purchases than a person can, and what to do; `events` as in EVENT_COLUMNS."""
    bought = events.filter((pl.col("type") == "purchase") & pl.col("user_id").is_not_null())
    of_user = bought.group_by("user_id").agg(pl.len().alias("purchases")).sort("purchases", "user_id", descending=True)
    total, users = bought.height, max(of_user.height, 1)
    many = of_user.filter(pl.col("purchases") > max(MIN_SHARE, MIN_TIMES / users) * total)
    return [
        f"user_id {user!r} has {purchases / total:.0%} of the purchases of {users:,} users. If that is a till, or everybody "
        "without an account, their tastes are taken for one person's: import such purchases without user_id, with a session_id "
        "for each receipt"
        for user, purchases in many.iter_rows()
    ]
