"""The id of an answer: events name it, and its ranking is logged under it."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from shelfwise.context import REQUEST_ID_HEADER, new_request_id, request_id


@contextmanager
def own_id(request: Request, label: str) -> Iterator[None]:
    """Within, `request_id` is `<label>.<32 hex digits>`, one that no other answer has, here and at the services behind.

    A caller may name several requests alike, as those for the shelves of one page; each is a ranking of its own, though, to
    learn from. Where the caller named none, the digits are the request's id. The access log of the request has its
    `answer_id` beside the `request_id`.
    """
    digits = new_request_id() if REQUEST_ID_HEADER in request.headers else request_id.get()
    own = request.scope["answer_id"] = f"{label}.{digits}"
    with _within(own):
        yield


@contextmanager
def own_id_in_batch(request: Request, label: str) -> Iterator[None]:
    """As own_id, for one of several answers to a request; the access log has a list of theirs."""
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
