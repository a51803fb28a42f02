"""The request's id, available to everything that runs for the request."""

from contextvars import ContextVar
from uuid import uuid4

REQUEST_ID_HEADER = "x-request-id"
MAX_ID_CHARACTERS = 128

request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    return uuid4().hex


def accepted_request_id(given: str | None) -> str:
    """The caller's id if it is valid in a header and a log line, else a new one."""
    if given and len(given) <= MAX_ID_CHARACTERS and given.isascii() and given.isprintable():
        return given
    return new_request_id()
