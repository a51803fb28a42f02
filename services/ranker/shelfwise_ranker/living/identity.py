"""Who did it: a user, or the session of nobody known, which may have the same id as a user and is somebody else."""

from hashlib import blake2b

import polars as pl

_USER, _SESSION = "user {}", "session {}"


def shopper_name(user_id: str | None, session_id: str | None) -> str:
    """One text for the shopper of an event; `session_id` counts where the user is not known.

    Raises:
        ValueError: neither is given.
    """
    if user_id is not None:
        return _USER.format(user_id)
    if session_id is None:
        raise ValueError("expected a user's id or a session's, found neither")
    return _SESSION.format(session_id)


def shopper_names() -> pl.Expr:
    """As `shopper_name`, of the columns `user_id` and `session_id`."""
    user, session = (pl.col(column).cast(pl.String) for column in ("user_id", "session_id"))
    return pl.coalesce(pl.format(_USER, user), pl.format(_SESSION, session))


def shopper_key(name: str) -> int:
    """A 64-bit hash of a shopper's name: the same on every replica, in every build.

    Counting distinct shoppers needs no more than that, and what is counted in memory or in a bundle need not name anyone.
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def user_key(user_id: str) -> int:
    """The hash of a user."""
    return shopper_key(shopper_name(user_id, None))


def session_key(session_id: str) -> int:
    """The hash of a session whose user is not known."""
    return shopper_key(shopper_name(None, session_id))
