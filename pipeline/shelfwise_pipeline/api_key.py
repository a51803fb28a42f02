"""The key that commands send to the gateway: the first one in the gateway's own variable."""

import os

from shelfwise.settings import PREFIX

KEYS = f"{PREFIX}API_KEYS"


def first_key() -> str | None:
    """Return the first key; None if the variable has none."""
    return next((key.strip() for key in os.environ.get(KEYS, "").split(",") if key.strip()), None)


def headers() -> dict[str, str]:
    """Return the headers with the key; empty if there is none."""
    key = first_key()
    return {} if key is None else {"authorization": f"Bearer {key}"}
