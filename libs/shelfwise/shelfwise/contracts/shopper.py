"""Who a shopper is: a session becomes a user, a user is forgotten."""

from pydantic import Field

from shelfwise.contracts.base import Identifier, Message


class MergeRequest(Message):
    """The shopper of a session has logged in as a user."""

    session_id: Identifier = Field(description="The session, as its events name it.")
    user_id: Identifier = Field(description="The user who logged in. The session's past and later events become theirs.")


class MergeResponse(Message):
    """From now on, whatever the session does belongs to the user, too."""

    events: int = Field(ge=0, description="Number of past events of the session that now belong to the user.")


class EraseRequest(Message):
    """Inside the platform; the public API has DELETE /users/{user_id}."""

    user_id: Identifier


class EraseResponse(Message):
    """Nothing of the user is left in the database but a hash of the id."""

    events: int = Field(ge=0, description="Number of deleted events; 0 if the user was unknown or already erased.")
    sessions: int = Field(ge=0, description="Number of sessions that belonged to the user and now belong to nobody.")
    logged_requests: int = Field(ge=0, description="Number of logged requests that were deleted with their feature values.")
