"""What PostgreSQL holds and the live statistics lack: new events, retractions, and shoppers who have become others."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from shelfwise.shopper_name import shopper_name
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.living.identity import shopper_key
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.living.unplaced import Told
from shelfwise_ranker.living.window_log import Entries
from shelfwise_ranker.shoppers.database import Connection
from shelfwise_ranker.shoppers.position import Position
from shelfwise_ranker.shoppers.retracted import Retracted

CHUNK = 1_000
"""Events counted before requests get a turn again."""
LONGEST_CHANGE_S = 60.0
"""A change is dated by the start of its transaction, which ends at most this much later (see `people.TIMEOUT_S`)."""

# Numbers from `xmax` on belong to another server, from which the database was restored: they would be new at every look.
_NEW = (
    "transaction >= pg_snapshot_xmin(%(seen)s) AND NOT pg_visible_in_snapshot(transaction, %(seen)s) "
    "AND transaction < pg_snapshot_xmax(pg_current_snapshot())"
)
_NOT_COUNTED = "(transaction IS NULL OR transaction <> ALL (%(counted)s::text[]::xid8[]))"
_TRANSACTION = "transaction::text::bigint"
_CHANGES = f"SELECT {_TRANSACTION}, shopper, becomes FROM behavior.shopper_changes"  # noqa: S608
_NEW_CHANGES = f"{_CHANGES} WHERE {_NEW} AND {_NOT_COUNTED} ORDER BY changed_at".encode()
_CHANGES_SINCE = f"{_CHANGES} WHERE changed_at >= to_timestamp(%(read_at)s) AND {_NOT_COUNTED} ORDER BY changed_at".encode()
_RETRACTIONS = f"""
    SELECT {_TRANSACTION}, event_transaction::text::bigint, product_id, extract(epoch FROM timestamp)::float8, type, shopper
    FROM behavior.retractions WHERE type <> 'impression'
"""  # noqa: S608
_NEW_RETRACTIONS = f"{_RETRACTIONS} AND {_NEW} AND {_NOT_COUNTED}".encode()
_RETRACTIONS_SINCE = f"{_RETRACTIONS} AND retracted_at >= to_timestamp(%(read_at)s) AND {_NOT_COUNTED}".encode()
_EVENTS = f"""
    SELECT {_TRANSACTION}, product_id, extract(epoch FROM timestamp)::float8, type, user_id, session_id
    FROM behavior.events WHERE type <> 'impression'
"""  # noqa: S608
_NEW_EVENTS = f"{_EVENTS} AND {_NEW} AND {_NOT_COUNTED}".encode()
_EVENTS_SINCE = f"{_EVENTS} AND timestamp >= to_timestamp(%(since)s) AND {_NOT_COUNTED}".encode()
_EVENTS_OF = f"{_EVENTS} AND transaction = %s::text::xid8".encode()


@dataclass(frozen=True, slots=True)
class News:
    """What one look found; with it everything up to `position` is known."""

    position: Position
    seen: Position
    """What was known before: nothing that it shows is in the news. `position` itself if the look was `by_time`."""
    by_time: bool
    """Whether everything since the bundle was made was read, by time, because no earlier position is one of this database."""
    moves: Moves
    retracted: list[Retracted]
    """Retracted events that were counted before, or that their own writer counts; others were never read."""
    events: list[tuple[Entries, list[Told]]]
    """In chunks, as `LiveStatistics.split` returns them."""
    transactions: set[int]
    """The transactions of all the above."""


async def read_news(
    connection: Connection,
    statistics: LiveStatistics,
    seen: Position | None,
    to_skip: Callable[[], Collection[int]],
    *,
    is_first: bool,
) -> News:
    """Read what `seen` does not show, in the transaction that `connection` is in; it must see the same data throughout.

    `seen`: how far the statistics know; None if that is not known. `to_skip`: returns the transactions that are not to be
    read; called once it is certain what the transaction sees. `is_first`: `seen` comes with the bundle, and may be from
    another server.
    """
    row = await (await connection.execute(b"SELECT pg_current_snapshot()::text")).fetchone()
    position = Position.of(str(row[0] if row else ""))
    skipped = to_skip()
    values: dict[str, Any] = {"counted": list(map(str, skipped))}
    # The bundle was built without a server, or from another one.
    by_time = seen is None or (is_first and seen.xmax > position.xmax)
    if seen is None or by_time:
        # The bundle still counts shoppers erased since; one that knows no shoppers (NULL) has nobody to forget.
        read_at = None if statistics.read_at is None else statistics.read_at - LONGEST_CHANGE_S
        values |= {"since": statistics.as_of, "read_at": read_at}
        query, query_changes, query_retractions = _EVENTS_SINCE, _CHANGES_SINCE, _RETRACTIONS_SINCE
        seen = position
    else:
        values["seen"] = seen.text
        query, query_changes, query_retractions = _NEW_EVENTS, _NEW_CHANGES, _NEW_RETRACTIONS
    changes = await (await connection.execute(query_changes, values)).fetchall()
    retractions = await (await connection.execute(query_retractions, values)).fetchall()
    transactions = {transaction for transaction, *_ in (*changes, *retractions)}
    events: list[tuple[Entries, list[Told]]] = []
    chunk: list[Told] = []
    async with connection.cursor() as cursor:
        async for transaction, *found in cursor.stream(query, values, size=CHUNK):
            if transaction is not None:  # rows of an early release have no number, and are long past
                transactions.add(transaction)
            chunk.append(told(*found))
            if len(chunk) == CHUNK:
                events.append(statistics.split(chunk))
                chunk = []
    events.append(statistics.split(chunk))
    retracted = [
        Retracted(written_by, (product, moment, KINDS[kind], shopper))
        for _, written_by, product, moment, kind, shopper in retractions
        if written_by is None or written_by in skipped or seen.shows(written_by) or not position.shows(written_by)
    ]
    moves = Moves((shopper, becomes) for _, shopper, becomes in changes)
    return News(position, seen, by_time, moves, retracted, events, transactions)


async def events_of(connection: Connection, transaction: int) -> list[Told]:
    """The events that `transaction` wrote."""
    found = await (await connection.execute(_EVENTS_OF, [str(transaction)])).fetchall()
    return [told(*event) for _, *event in found]


def told(product: str, moment: float, kind: str, user: str | None, session: str | None) -> Told:
    """An event in the form that the live statistics take."""
    return product, moment, KINDS[kind], shopper_key(shopper_name(user, session))
