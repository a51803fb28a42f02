import asyncio

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from shelfwise_embedder.disconnect import while_connected


def _request(hangs_up: asyncio.Event) -> Request:
    async def receive() -> dict[str, str]:
        await hangs_up.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def test_the_work_of_a_connected_caller_is_handed_back() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await while_connected(_request(asyncio.Event()), work()) == 7


async def test_the_work_of_a_caller_who_hangs_up_is_cancelled() -> None:
    hangs_up, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    waiting = asyncio.create_task(while_connected(_request(hangs_up), work()))
    await asyncio.sleep(0)
    hangs_up.set()
    with pytest.raises(ClientDisconnect):
        await waiting
    async with asyncio.timeout(1):
        await cancelled.wait()


async def test_an_error_of_the_work_comes_through() -> None:
    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await while_connected(_request(asyncio.Event()), work())
