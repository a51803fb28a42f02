"""Whether a bundle still fits the shop that it was built from."""

from typing import Any

import psycopg

from shelfwise import __version__
from shelfwise.bundle import SCHEMA, Manifest
from shelfwise_pipeline.importing import fingerprint

CODE = f"{__version__}/{SCHEMA}"
"""The release that builds, and the schema it writes."""

GROWTH = 0.1
"""A shop that grew (or shrank) by more than this part since the live bundle was built is worth a build before it is served."""


def labelled(data_digest: str) -> str:
    """What a manifest says it was made from: the data's state, and the code's."""
    return f"{data_digest}/{CODE}"


def state_of(connection: psycopg.Connection[Any]) -> str:
    """What a bundle built now would say."""
    return labelled(fingerprint(connection).digest)


def outgrown(live: Manifest | None, connection: psycopg.Connection[Any]) -> bool:
    """Is this another shop than the live bundle knows? By a tenth of its products or events, or by what was judged.

    Single writes and events of a running shop are followed by the services and make no bundle useless. One that another
    release built is, and where nothing is live there is none.
    """
    if live is None or not live.data_fingerprint.endswith(f"/{CODE}"):
        return True
    now = fingerprint(connection)
    grown = ((live.catalog.get("products", 0), now.products), (live.events, now.events))
    return live.judgements != now.judgements or any(abs(count - known) > GROWTH * known for known, count in grown)
