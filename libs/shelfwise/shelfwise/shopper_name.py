"""Names of shoppers: a user, or the session of an unknown user, which is somebody else than a user with the same id."""

USER, SESSION = "user {}", "session {}"

SHOPPER_IN_SQL = "coalesce('user ' || user_id, 'session ' || session_id)"
"""`shopper_name` in SQL, for a row of events."""


def shopper_name(user_id: str | None, session_id: str | None) -> str:
    """One text for a shopper; `session_id` counts if the user is not known.

    Raises:
        ValueError: neither is given.
    """
    if user_id is not None:
        return USER.format(user_id)
    if session_id is None:
        raise ValueError("expected a user's id or a session's, found neither")
    return SESSION.format(session_id)
