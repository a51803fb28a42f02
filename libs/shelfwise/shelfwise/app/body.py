"""Request bodies and responses without detours: bytes to model, model to bytes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from shelfwise.errors import BodyTooLarge, BodyTooSlow
from shelfwise.validation import refused

M = TypeVar("M", bound=BaseModel)


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its body itself; `schema`: what it accepts."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def body_of(request: Request, model: type[M]) -> M:
    """The request's JSON body as a `model`; parsed and validated in one pass, in Rust.

    Raises:
        BodyTooLarge, BodyTooSlow: as in `bounded_body`.
        MalformedBody: not JSON.
        InvalidRequest: JSON that breaks a rule of the model; the message names each field.
    """
    raw = await bounded_body(request)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise refused(error, model) from None


async def bounded_body(request: Request) -> bytes:
    """The raw body.

    Raises:
        BodyTooLarge: larger than the service's `max_body_bytes`; raised as soon as that is known.
        BodyTooSlow: it did not arrive within the service's `body_s`.
    """
    limit, within_s = request.app.state.max_body_bytes, request.app.state.body_s
    try:
        async with asyncio.timeout(within_s):
            return await _read(request, limit)
    except TimeoutError:
        raise _too_slow(within_s) from None


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The raw body as it arrives.

    Raises:
        BodyTooSlow: nothing arrived within the service's `body_s`.
    """
    within_s = request.app.state.body_s
    pieces = request.stream()
    while True:
        try:
            async with asyncio.timeout(within_s):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise _too_slow(within_s) from None
        if piece is None:
            return
        yield piece


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(f"expected a body of at most {limit} bytes, found {declared}; send a smaller one")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"expected a body of at most {limit} bytes, found more; send a smaller one")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_slow(within_s: float) -> BodyTooSlow:
    return BodyTooSlow(
        f"expected the whole body within {within_s:g} s, found only a part; check the connection and send it again"
    )


def answer(model: BaseModel, status: int = 200) -> Response:
    """`model` as a JSON response; absent (None) fields are omitted."""
    return Response(model.__pydantic_serializer__.to_json(model, exclude_none=True), status, media_type="application/json")
