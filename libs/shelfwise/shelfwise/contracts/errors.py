"""The one shape of every error answer."""

from shelfwise.contracts.base import Message


class ErrorDetail(Message):
    """What went wrong."""

    code: str
    message: str
    request_id: str


class ErrorBody(Message):
    """The body of every error answer."""

    error: ErrorDetail
