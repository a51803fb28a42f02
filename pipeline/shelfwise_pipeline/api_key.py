"""The key that commands show the gateway: the first of those that the gateway's own variable holds."""

import os

from shelfwise.settings import PREFIX

KEYS = f"{PREFIX}API_KEYS"


def first_key() -> str | None:
    """None where the variable holds none."""
    return next((key.strip() for key in os.environ.get(KEYS, "").split(",") if key.strip()), None)


def headers() -> dict[str, str]:
    """That show it; none where there is none."""
    key = first_key()
    return {} if key is None else {"authorization": f"Bearer {key}"}
