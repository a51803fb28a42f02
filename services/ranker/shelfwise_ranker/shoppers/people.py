"""Shopper identities: a session becomes a user, a user is forgotten."""

from shelfwise.contracts.shopper import EraseResponse, MergeRequest, MergeResponse
from shelfwise.deadline import Deadline
from shelfwise_ranker.living.identity import session_key, user_key
from shelfwise_ranker.shoppers.database import Connection, Database

TIMEOUT_S = 10.0

LOCK = b"SELECT pg_advisory_xact_lock('behavior.sessions'::regclass::bigint)"
"""Exclusive, while writers of events share it: see the migration `v0006_shoppers`."""

_CHANGED = b"INSERT INTO behavior.shopper_changes (shopper, becomes) SELECT unnest(%s::bigint[]), %s"

_SESSION_IS_USER = b"""
    INSERT INTO behavior.sessions (session_id, user_id) VALUES (%(session)s, %(user)s)
    ON CONFLICT (session_id) DO UPDATE SET user_id = excluded.user_id, merged_at = now()
    WHERE sessions.user_id <> excluded.user_id
"""
# `received_at` tells a build that the events differ from those of the bundle.
_EVENTS_OF_SESSION = b"""
    UPDATE behavior.events SET user_id = %(user)s, received_at = now() WHERE session_id = %(session)s AND user_id IS NULL
"""

_SESSIONS_OF_USER = b"""
    SELECT DISTINCT session_id FROM behavior.events WHERE user_id = %(user)s AND session_id IS NOT NULL
    UNION SELECT session_id FROM behavior.sessions WHERE user_id = %(user)s
    UNION SELECT session_id FROM behavior.retractions WHERE shopper = %(key)s AND session_id IS NOT NULL
"""
_THEIRS = b"(user_id = %(user)s OR (user_id IS NULL AND session_id = ANY(%(sessions)s)))"
_FORGET_LOGGED = (
    b"DELETE FROM behavior.rankings WHERE request_id IN (SELECT request_id FROM behavior.events WHERE "
    + _THEIRS
    + b" UNION ALL SELECT request_id FROM behavior.retractions WHERE shopper = ANY(%(keys)s))"
)
_FORGET_EVENTS = b"DELETE FROM behavior.events WHERE " + _THEIRS
_FORGET_SESSIONS = b"DELETE FROM behavior.sessions WHERE user_id = %(user)s"
_FORGET_RETRACTIONS = b"DELETE FROM behavior.retractions WHERE shopper = ANY(%(keys)s)"


async def merge(database: Database, asked: MergeRequest, deadline: Deadline | None) -> MergeResponse:
    """The session's past events become the user's, and so do later ones. A session that was another user's no longer is, from
    now on: two people may share a device.

    Raises:
        DatabaseUnavailable, Unavailable, Overloaded, DeadlineExceeded: see `Database.run`; a repetition is safe.
    """
    values = {"session": asked.session_id, "user": asked.user_id}

    async def work(connection: Connection) -> int:
        async with connection.transaction():
            await connection.execute(LOCK)
            await connection.execute(_SESSION_IS_USER, values)
            moved = (await connection.execute(_EVENTS_OF_SESSION, values)).rowcount
            if moved:
                await connection.execute(_CHANGED, [[session_key(asked.session_id)], user_key(asked.user_id)])
        return moved

    return MergeResponse(events=await database.run(work, deadline, within_s=TIMEOUT_S))


async def erase(database: Database, user_id: str, deadline: Deadline | None) -> EraseResponse:
    """Delete every event of the user, of the sessions that became the user, and of the user's sessions before the login; every
    logged request that these events name; and the records of their retracted events. Every ranker takes back what it counted.

    Events that are sent afterwards are stored: a shop that erases a user stops sending them.

    Raises:
        DatabaseUnavailable, Unavailable, Overloaded, DeadlineExceeded: see `Database.run`; a repetition is safe.
    """

    async def work(connection: Connection) -> EraseResponse:
        async with connection.transaction():
            await connection.execute(LOCK)
            of_user = {"user": user_id, "key": user_key(user_id)}
            found = await (await connection.execute(_SESSIONS_OF_USER, of_user)).fetchall()
            sessions = [session for (session,) in found]
            keys = [user_key(user_id), *map(session_key, sessions)]
            values = {"user": user_id, "sessions": sessions, "keys": keys}
            logged = (await connection.execute(_FORGET_LOGGED, values)).rowcount
            events = (await connection.execute(_FORGET_EVENTS, values)).rowcount
            merged = (await connection.execute(_FORGET_SESSIONS, values)).rowcount
            await connection.execute(_FORGET_RETRACTIONS, values)
            # Also if nothing was found: a bundle may still count what an earlier erasure deleted.
            await connection.execute(_CHANGED, [keys, None])
        return EraseResponse(events=events, sessions=merged, logged_requests=logged)

    return await database.run(work, deadline, within_s=TIMEOUT_S)
