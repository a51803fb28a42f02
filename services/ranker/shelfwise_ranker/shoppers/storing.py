"""Stores events in PostgreSQL, once each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shelfwise.contracts.event import Event
from shelfwise_ranker.shoppers.database import Connection

_COLUMNS = "event_id, type, product_id, user_id, session_id, timestamp, quantity, value, request_id, position"

SHARE_LOCK = b"SELECT pg_advisory_xact_lock_shared('behavior.sessions'::regclass::bigint)"
"""Taken by transactions that write events; see the migration `v0006_shoppers`."""

# One JSON text costs this process a third of what arrays of parameters cost. It is ordered by id, so that two writers with
# the same events wait for each other, but never in a circle.
_INSERT = f"""
    INSERT INTO behavior.events ({_COLUMNS})
    SELECT event_id, type, product_id, coalesce(given.user_id, known.user_id), session_id,
           timestamptz 'epoch' + given.timestamp * interval '1 microsecond', quantity, value, request_id, position
    FROM json_to_recordset(%s::json) AS given(
        event_id text, type text, product_id text, user_id text, session_id text, timestamp bigint,
        quantity integer, value numeric, request_id text, position integer)
    LEFT JOIN behavior.sessions AS known USING (session_id)
    WHERE NOT EXISTS (SELECT FROM behavior.retractions AS gone WHERE gone.event_id = given.event_id)
    ORDER BY event_id
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id, user_id
""".encode()  # noqa: S608 - no value is part of the text

_STORED = b"""
    SELECT event_id, type, product_id, user_id, session_id, (extract(epoch FROM timestamp) * 1000000)::bigint,
           quantity, value::float8, request_id, position
    FROM behavior.events WHERE event_id = ANY(%s)
"""

_UNKNOWN = b"""
    SELECT id FROM unnest(%s::text[]) AS asked(id)
    WHERE NOT EXISTS (SELECT FROM catalog.products WHERE product_id = id)
"""


# Both got their numbers under the lock, so that changes and event writers come one after the other.
_NUMBERS = b"""
    SELECT pg_current_xact_id()::text::bigint,
           (SELECT transaction::text::bigint FROM behavior.shopper_changes ORDER BY transaction DESC LIMIT 1)
"""


@dataclass(frozen=True)
class Stored:
    """The outcome for some events once their transaction is committed."""

    transaction: int
    new: Mapping[str, str | None]  # event ids, each with its user: a session's may have become known
    conflicting: frozenset[str]
    unknown_products: frozenset[str]
    last_change: int | None = None
    """The last earlier transaction in which shoppers became others, or were erased."""


async def store(
    connection: Connection, events: Sequence[Event], known_products: Collection[str], begin: Callable[[Stored], None]
) -> Stored:
    """Commit the events that are new and not retracted, all or none. Of equal ids within `events` the first one counts.

    `known_products`: products that need not be looked up. `begin` gets the result right before the commit.
    """
    first: dict[str, Event] = {}
    again = [event for event in events if first.setdefault(event.event_id, event) is not event]
    async with connection.transaction():
        await connection.execute(SHARE_LOCK)
        cursor = await connection.execute(_INSERT, [orjson.dumps([_row(event) for event in first.values()]).decode()])
        new: dict[str, str | None] = dict(await cursor.fetchall())
        conflicting = {event.event_id for event in again if _differs(_content(event), _content(first[event.event_id]))}
        before = first.keys() - new.keys()
        if before:
            cursor = await connection.execute(_STORED, [list(before)])
            conflicting |= {row[0] for row in await cursor.fetchall() if _differs(_content(first[row[0]]), row)}
        asked = {event.product_id for event in first.values()}.difference(known_products)
        unknown: set[str] = set()
        if asked:
            cursor = await connection.execute(_UNKNOWN, [list(asked)])
            unknown = {product_id for (product_id,) in await cursor.fetchall()}
        transaction, last_change = (await (await connection.execute(_NUMBERS)).fetchall())[0]
        stored = Stored(transaction, new, frozenset(conflicting), frozenset(unknown), last_change)
        begin(stored)
    return stored


def _content(event: Event) -> tuple[Any, ...]:
    """The event's values in the order of `_COLUMNS`; times in microseconds."""
    return (
        event.event_id, event.type, event.product_id, event.user_id, event.session_id, microseconds(event),
        event.quantity, event.value, event.request_id, event.position,
    )  # fmt: skip


_NAMES = _COLUMNS.split(", ")


def _row(event: Event) -> dict[str, Any]:
    return dict(zip(_NAMES, _content(event), strict=True))


def microseconds(event: Event) -> int:
    return round(event.timestamp.timestamp() * 1_000_000)


_USER, _VALUE = _NAMES.index("user_id"), _NAMES.index("value")
_CENT_OF_A_CENT = 0.0001  # the precision of the column


def _differs(sent: tuple[Any, ...], kept: tuple[Any, ...]) -> bool:
    """Whether the contents differ. A session's user that has become known since is no difference."""
    return any(
        one != other
        and not (place == _USER and one is None)
        and not (place == _VALUE and None not in (one, other) and abs(one - other) < _CENT_OF_A_CENT)
        for place, (one, other) in enumerate(zip(sent, kept, strict=True))
    )
