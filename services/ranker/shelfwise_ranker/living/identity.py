"""Shoppers as they are counted in memory and in bundles: by a hash of their name."""

from hashlib import blake2b

import polars as pl

from shelfwise.shopper_name import SESSION, USER, shopper_name


def shopper_names() -> pl.Expr:
    """`shopper_name` of the columns `user_id` and `session_id`."""
    user, session = (pl.col(column).cast(pl.String) for column in ("user_id", "session_id"))
    return pl.coalesce(pl.format(USER, user), pl.format(SESSION, session))


def shopper_key(name: str) -> int:
    """A 64-bit hash of a shopper's name: the same on every replica and in every build.

    It suffices to count distinct shoppers, and counts in memory or in a bundle need not name anyone.
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def user_key(user_id: str) -> int:
    """The hash of a user."""
    return shopper_key(shopper_name(user_id, None))


def session_key(session_id: str) -> int:
    """The hash of a session whose user is not known."""
    return shopper_key(shopper_name(None, session_id))
