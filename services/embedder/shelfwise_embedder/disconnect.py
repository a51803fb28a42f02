"""Ends work whose caller has gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

T = TypeVar("T")


class CallerGone(Exception):
    """The connection was closed before there was an answer."""


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the caller hangs up. The request's body must have been read.

    Raises:
        CallerGone: nobody is left to answer.
    """
    working = asyncio.ensure_future(work)
    # After the body, the only message that can come is http.disconnect.
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise CallerGone
    finally:
        leaving.cancel()
        working.cancel()
