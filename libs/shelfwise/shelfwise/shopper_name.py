"""Who asks or did something: a user, or the session of nobody known, which is somebody else than a user of the same id."""

USER, SESSION = "user {}", "session {}"

SHOPPER_IN_SQL = "coalesce('user ' || user_id, 'session ' || session_id)"
"""`shopper_name` of a row of events."""


def shopper_name(user_id: str | None, session_id: str | None) -> str:
    """One text for a shopper; `session_id` counts where the user is not known.

    Raises:
        ValueError: neither is given.
    """
    if user_id is not None:
        return USER.format(user_id)
    if session_id is None:
        raise ValueError("expected a user's id or a session's, found neither")
    return SESSION.format(session_id)
