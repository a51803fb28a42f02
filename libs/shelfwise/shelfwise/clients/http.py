"""The internal HTTP client of every service: fast, bounded, limited by the caller's deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from shelfwise.clients.breaker import Breaker
from shelfwise.clients.connection import Answer, Broken
from shelfwise.clients.pool import Crowded, Pool
from shelfwise.clients.replicas import Replica, Replicas
from shelfwise.context import REQUEST_ID_HEADER, request_id
from shelfwise.deadline import HEADER, Deadline
from shelfwise.errors import DeadlineExceeded, NotReady, Overloaded, ShelfwiseError, UpstreamUnavailable, error_from

KEEPALIVE_S = 4.0
"""Shorter than any server or load balancer keeps its side, so that a connection is not reused at the moment it closes."""

Parse = Callable[[bytes], Any]
"""Parses a response; raises `orjson.JSONDecodeError` if it is not JSON."""

FAIR_S = 0.1
"""A service that had less time than this and did not answer within it is not blamed: short deadlines must not open a
breaker."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a service reports at /readyz; `bundle`: the one it serves, `problem`: why it is not ready."""

    ready: bool
    bundle: str | None
    problem: str | None


class _Unreached(Exception):
    """The connection failed before a response began; the log says why. The request may have been carried out all the same, so
    only a request that may be carried out twice is repeated."""


class _Unasked(DeadlineExceeded):
    """The caller's time passed while waiting for a connection of our own, which says nothing about the service."""


_UNDONE = (NotReady, Overloaded)
"""Responses of a service that did nothing: another replica may do it, even a write. The same one would refuse it again."""


class ServiceClient:
    """Asks one service, on any of its healthy replicas.

    Use as an async context manager; the connection pool lives inside. Every call passes on the request id and the remaining
    milliseconds, and ends when the deadline does. It is tried a second time only if the connection failed before a response
    began or, on another replica, if the first one did nothing because it is full or still loading. An error response is raised
    as the exception that it was in the service.

    `connections` should be the number of requests that may be in flight, so that no call waits for a connection.
    """

    def __init__(self, name: str, urls: str, *, connections: int = 128, breaker: Callable[[], Breaker] = Breaker) -> None:
        self.name = name
        self.replicas = Replicas(name, urls, breaker)
        self._connections = connections
        self._pools: dict[Replica, Pool] = {}

    async def __aenter__(self) -> Self:
        self._pools = {replica: Pool(urlsplit(replica.url), self._connections, KEEPALIVE_S) for replica in self.replicas.all}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools = {}

    async def post(self, path: str, body: bytes, deadline: Deadline, parse: Parse = orjson.loads) -> Any:
        """The response to `body`, which is JSON, as `parse` reads it.

        Raises:
            DeadlineExceeded: no response in time.
            UpstreamUnavailable: not reachable, broken off, or not JSON.
            ShelfwiseError: any other error that the service returned.
        """
        return await self._ask("POST", path, body, deadline, parse)

    async def get(self, path: str, deadline: Deadline) -> Any:
        """The parsed JSON response; `path` is already percent-encoded. Raises like `post`."""
        return await self._ask("GET", path, None, deadline, orjson.loads)

    async def ask(self, method: str, path: str, body: bytes | None, deadline: Deadline, *, again: bool) -> Any:
        """The parsed JSON response to any method; `path` is already percent-encoded, the body is JSON. Raises like `post`.

        `again` False: not repeated if it may have been carried out, for requests that would then get another response.
        """
        return await self._ask(method, path, body, deadline, orjson.loads, again=again)

    async def ask_all(self, path: str, deadline: Deadline) -> list[Any]:
        """Every replica's response to GET, open breakers included.

        Raises:
            ShelfwiseError: the error that one of them returned, or that it did not answer.
        """
        return await asyncio.gather(*(self._ask_one(replica, path, deadline) for replica in self.replicas.all))

    async def stream(self, path: str, body: AsyncIterator[bytes], deadline: Deadline) -> bytes:
        """The whole response to a body that is sent as it arrives. The body can be sent only once, so the request is not
        repeated.

        Raises like `post`.
        """
        replica = self.replicas.enter()
        try:
            answer = await self._judged(replica, "POST", path, body, deadline)
        except _Unreached as error:
            raise self._unreachable() from error
        if answer.status >= 400:
            self._parsed(answer, orjson.loads)
        return answer.body

    async def probe(self, timeout_s: float) -> Probe:
        """Ask every replica at once whether it is ready, open breakers included. Ready if one is. Never raises."""
        answers = await asyncio.gather(*(self._probe(replica, timeout_s) for replica in self.replicas.all))
        return next((answer for answer in answers if answer.ready), answers[0])

    async def _ask(
        self, method: str, path: str, body: bytes | None, deadline: Deadline, parse: Parse, *, again: bool = True
    ) -> Any:
        replica = self.replicas.enter()
        try:
            return self._parsed(await self._judged(replica, method, path, body, deadline), parse)
        except _Unreached as error:
            if not again:
                raise self._unreachable() from error
            second = self.replicas.enter_other(replica) or self.replicas.enter()
        except _UNDONE:
            other = self.replicas.enter_other(replica)
            if other is None:
                raise
            second = other
        try:
            return self._parsed(await self._judged(second, method, path, body, deadline), parse)
        except _Unreached as error:
            raise self._unreachable() from error

    async def _ask_one(self, replica: Replica, path: str, deadline: Deadline) -> Any:
        try:
            return self._parsed(await self._exchange(replica, "GET", path, None, deadline), orjson.loads)
        except _Unreached as error:
            raise UpstreamUnavailable(f"a replica of the {self.name} cannot be reached; try again in a second") from error

    async def _judged(
        self, replica: Replica, method: str, path: str, body: "bytes | AsyncIterator[bytes] | None", deadline: Deadline
    ) -> Answer:
        """One attempt; its outcome is reported to the replica's breaker, whatever it is."""
        breaker = replica.breaker
        fair = deadline.remaining_s >= FAIR_S
        try:
            answer = await self._exchange(replica, method, path, body, deadline)
        except (_Unreached, UpstreamUnavailable):
            breaker.fail()
            raise
        except DeadlineExceeded as error:
            if fair and not isinstance(error, _Unasked):
                breaker.fail()
            else:
                breaker.leave()
            raise
        except BaseException:
            breaker.leave()
            raise
        if answer.status < 500 or (answer.status == DeadlineExceeded.status and not fair):
            breaker.succeed()
        else:
            breaker.fail()
        return answer

    async def _exchange(
        self, replica: Replica, method: str, path: str, body: "bytes | AsyncIterator[bytes] | None", deadline: Deadline
    ) -> Answer:
        left_s = deadline.remaining_s
        if left_s <= 0:
            raise DeadlineExceeded(f"no time left to ask the {self.name}; send a larger deadline_ms")
        pool = self._pools.get(replica)
        if pool is None:
            raise RuntimeError("expected a ServiceClient inside `async with`, found it used outside")
        headers = {HEADER: deadline.header(), REQUEST_ID_HEADER: request_id.get()}
        try:
            answer = await pool.exchange(method, path, headers, body, left_s)
        except Crowded as error:
            raise _Unasked(
                f"no connection to the {self.name} was free within {left_s * 1000:.0f} ms, all {self._connections} are in use; "
                "send fewer requests at once, or a larger deadline_ms"
            ) from error
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"the {self.name} did not answer within {left_s * 1000:.0f} ms; send a larger deadline_ms"
            ) from error
        except Broken as error:
            if error.begun:
                raise UpstreamUnavailable(f"the answer of the {self.name} broke off: {error}") from error
            replica.unreached(str(error))
            raise _Unreached from error
        replica.reached()
        return answer

    def _parsed(self, answer: Answer, parse: Parse) -> Any:
        try:
            said = parse(answer.body)
        except orjson.JSONDecodeError as error:
            if answer.status >= 400:
                raise error_from(None, answer.status, self.name) from error
            raise UpstreamUnavailable(f"expected JSON from the {self.name}, found {answer.body[:40]!r}") from error
        if answer.status >= 400:
            raise error_from(said, answer.status, self.name, answer.retry_after_s)
        return said

    def _unreachable(self) -> UpstreamUnavailable:
        return UpstreamUnavailable(f"the {self.name} cannot be reached; try again in a second")

    async def _probe(self, replica: Replica, timeout_s: float) -> Probe:
        try:
            answer = await self._exchange(replica, "GET", "/readyz", None, Deadline.after_ms(timeout_s * 1000))
            said = self._parsed(answer, orjson.loads)
        except ShelfwiseError as error:
            return Probe(False, None, error.message)
        except _Unreached:
            return Probe(False, None, f"the {self.name} cannot be reached")
        except Exception as error:  # for example a malformed address; whatever follows the probes must not end with it
            replica.unreached(repr(error))
            return Probe(False, None, f"the {self.name} cannot be asked; see the log")
        if not isinstance(said, dict):
            return Probe(False, None, f"expected an object from the {self.name} at /readyz, found {answer.body[:40]!r}")
        return Probe(True, said.get("bundle"), said.get("problem"))
