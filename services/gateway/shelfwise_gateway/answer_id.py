"""The id of an answer: events name it, and its ranking is logged under it."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from shelfwise.context import REQUEST_ID_HEADER, new_request_id, request_id


@contextmanager
def own_id(request: Request) -> Iterator[None]:
    """Within, `request_id` is one that no other answer has, here and at the services behind.

    A caller may name several requests alike, as those for the shelves of one page; each is a ranking of its own, though, to
    learn from. The access log of the request has its `answer_id` beside the caller's `request_id`.
    """
    if REQUEST_ID_HEADER not in request.headers:
        yield
        return
    own = request.scope["answer_id"] = new_request_id()
    token = request_id.set(own)
    try:
        yield
    finally:
        request_id.reset(token)
