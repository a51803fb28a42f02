"""Who did it, as a number."""

from hashlib import blake2b


def shopper_key(shopper: str) -> int:
    """A 64-bit hash of a user's id, or of a session's where the user is not known: the same on every replica, in every build.

    Counting distinct shoppers needs no more than that, and what is counted in memory or in a bundle need not name anyone.
    """
    return int.from_bytes(blake2b(shopper.encode(), digest_size=8).digest(), "little", signed=True)
