"""Tells whether a bundle still fits the shop it was built from."""

from typing import Any

import psycopg

from shelfwise import __version__
from shelfwise.bundle import SCHEMA, Manifest
from shelfwise_pipeline.importing import fingerprint

CODE = f"{__version__}/{SCHEMA}"
"""The building release and the schema it writes."""

GROWTH = 0.1
"""A shop that grew (or shrank) by more than this share since the live bundle was built is built again before it is served."""


def labelled(data_digest: str) -> str:
    """Return a manifest's data fingerprint: the state of the data and of the code."""
    return f"{data_digest}/{CODE}"


def state_of(connection: psycopg.Connection[Any]) -> str:
    """Return the fingerprint of a bundle built now."""
    return labelled(fingerprint(connection).digest)


def outgrown(live: Manifest | None, connection: psycopg.Connection[Any]) -> bool:
    """Return whether the shop has changed too much for the live bundle: by a tenth of its products or events, or in its
    judgements.

    The services follow the single writes and events of a running shop, so those do not outdate a bundle. A bundle that another
    release built is outdated, and so is a missing one.
    """
    if live is None or not live.data_fingerprint.endswith(f"/{CODE}"):
        return True
    now = fingerprint(connection)
    grown = ((live.catalog.get("products", 0), now.products), (live.events, now.events))
    return live.judgements != now.judgements or any(abs(count - known) > GROWTH * known for known, count in grown)
