"""The id of an answer: events refer to it, and the answer's ranking is logged under it."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from shelfwise.context import REQUEST_ID_HEADER, new_request_id, request_id


@contextmanager
def own_id(request: Request, label: str) -> Iterator[None]:
    """Within the context, `request_id` is `<label>.<32 hex digits>`, unique to this answer, also in the services behind.

    A caller may give several requests the same id, such as those for the shelves of one page, but each is a ranking of its own
    to learn from. If the caller gave no id, the digits are the request's generated id. The access log has the `answer_id` of
    the request beside its `request_id`.
    """
    digits = new_request_id() if REQUEST_ID_HEADER in request.headers else request_id.get()
    own = request.scope["answer_id"] = f"{label}.{digits}"
    with _within(own):
        yield


@contextmanager
def own_id_in_batch(request: Request, label: str) -> Iterator[None]:
    """As own_id, for one of several answers to a request; the access log lists all their ids."""
    own = f"{label}.{new_request_id()}"
    request.scope.setdefault("answer_id", []).append(own)
    with _within(own):
        yield


@contextmanager
def _within(own: str) -> Iterator[None]:
    token = request_id.set(own)
    try:
        yield
    finally:
        request_id.reset(token)
