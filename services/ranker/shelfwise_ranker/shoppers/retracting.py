"""Retracts events: deletes them, and remembers their ids."""

from collections.abc import Sequence
from typing import Any

import orjson

from shelfwise.contracts.event import RetractResponse
from shelfwise.deadline import Deadline
from shelfwise.shopper_name import shopper_name
from shelfwise_ranker.living.identity import shopper_key
from shelfwise_ranker.shoppers.database import Connection, Database
from shelfwise_ranker.shoppers.people import LOCK, TIMEOUT_S

_DELETE = b"""
    DELETE FROM behavior.events WHERE event_id = ANY(%s)
    RETURNING event_id, transaction::text, type, product_id, (extract(epoch FROM timestamp) * 1000000)::bigint,
              request_id, user_id, session_id
"""
_KNOWN = b"SELECT event_id FROM behavior.retractions WHERE event_id = ANY(%s) AND type IS NOT NULL"

# A retracted event that is found again was written by a release that did not know of retractions.
_REMEMBER = b"""
    INSERT INTO behavior.retractions
        (event_id, event_transaction, type, product_id, timestamp, shopper, session_id, request_id)
    SELECT event_id, transaction::xid8, type, product_id, timestamptz 'epoch' + timestamp * interval '1 microsecond', shopper,
           session_id, request_id
    FROM json_to_recordset(%s::json) AS given(
        event_id text, transaction text, type text, product_id text, timestamp bigint, shopper bigint, session_id text,
        request_id text)
    ON CONFLICT (event_id) DO UPDATE SET
        (transaction, retracted_at, event_transaction, type, product_id, timestamp, shopper, session_id, request_id)
        = (excluded.transaction, excluded.retracted_at, excluded.event_transaction, excluded.type, excluded.product_id,
           excluded.timestamp, excluded.shopper, excluded.session_id, excluded.request_id)
    WHERE excluded.type IS NOT NULL
"""


async def retract(database: Database, event_ids: Sequence[str], deadline: Deadline | None) -> RetractResponse:
    """Delete these events, all or none, and let no event with one of these ids be stored again. Rankers take back what they
    counted of them when they follow.

    Raises:
        DatabaseUnavailable, Unavailable, Overloaded, DeadlineExceeded: see `Database.run`; a repetition is safe.
    """
    asked = sorted(set(event_ids))

    async def work(connection: Connection) -> RetractResponse:
        async with connection.transaction():
            await connection.execute(LOCK)
            deleted = await (await connection.execute(_DELETE, [asked])).fetchall()
            found = {event_id for event_id, *_ in deleted}
            others = [event_id for event_id in asked if event_id not in found]
            known = {event_id for (event_id,) in await (await connection.execute(_KNOWN, [others])).fetchall()}
            rows = [*map(_row, deleted), *({"event_id": event_id} for event_id in others)]
            await connection.execute(_REMEMBER, [orjson.dumps(rows).decode()])
        unknown = [event_id for event_id in others if event_id not in known]
        return RetractResponse(retracted=len(found), already_retracted=len(known), unknown_events=unknown)

    return await database.run(work, deadline, within_s=TIMEOUT_S)


def _row(deleted: tuple[Any, ...]) -> dict[str, Any]:
    *content, user_id, session_id = deleted
    names = ("event_id", "transaction", "type", "product_id", "timestamp", "request_id")
    return dict(zip(names, content, strict=True)) | {
        "shopper": shopper_key(shopper_name(user_id, session_id)),
        "session_id": None if user_id is None else session_id,
    }
