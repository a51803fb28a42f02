"""Who a shopper is: a session becomes a user, a user is forgotten."""

from pydantic import Field

from shelfwise.contracts.base import Identifier, Message


class MergeRequest(Message):
    """The shopper of a session turned out to be a user, by logging in for one."""

    session_id: Identifier
    user_id: Identifier


class MergeResponse(Message):
    """From now on whatever the session does is the user's, too."""

    events: int = Field(ge=0, description="Past events of the session that became the user's.")


class EraseRequest(Message):
    """Inside the platform; the public API has DELETE /users/{user_id}."""

    user_id: Identifier


class EraseResponse(Message):
    """Nothing of the user is left in the database."""

    events: int = Field(ge=0, description="Events that were deleted; 0 when the user was unknown, or is erased already.")
    sessions: int = Field(ge=0, description="Sessions that were the user's, and are no one's now.")
    logged_requests: int = Field(ge=0, description="Logged requests, with their feature values, that were deleted.")
