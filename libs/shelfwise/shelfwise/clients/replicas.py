"""The replicas of one service, and which to ask next."""

import logging
from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import AfterValidator

from shelfwise.clients.breaker import Breaker
from shelfwise.errors import UpstreamUnavailable


def addresses(urls: str) -> list[str]:
    """The base addresses in `urls`, which are separated by commas.

    Raises:
        ValueError: there is none, or one is not an http address.
    """
    found = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
    if not found:
        raise ValueError(f"expected at least one address like http://127.0.0.1:8101, found {urls!r}")
    for url in found:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"expected an address like http://127.0.0.1:8101, found {url!r}")
    return found


def _checked(urls: str) -> str:
    addresses(urls)
    return urls


_log = logging.getLogger("shelfwise.clients")

Addresses = Annotated[str, AfterValidator(_checked)]
"""One http address, or those of several replicas separated by commas."""


class Replica:
    """One address and what is known about its health."""

    def __init__(self, url: str, breaker: Breaker) -> None:
        self.url = url
        self.breaker = breaker
        self._unreached: str | None = None

    def reached(self) -> None:
        """Note that it answered."""
        self._unreached = None

    def unreached(self, why: str) -> None:
        """Log `why` if it is news. No response contains it: socket errors name addresses that are nobody's business outside."""
        if why != self._unreached:
            self._unreached = why
            _log.warning("a replica cannot be reached", extra={"url": self.url, "problem": why})


class Replicas:
    """Round robin over the replicas whose breaker lets a call pass."""

    def __init__(self, service: str, urls: str, breaker: Callable[[], Breaker]) -> None:
        """`urls`: one base address, or several separated by commas."""
        self._service = service
        self._all = [Replica(url, breaker()) for url in addresses(urls)]
        self._next = 0

    @property
    def all(self) -> Sequence[Replica]:
        return self._all

    def enter(self) -> Replica:
        """The next healthy replica, entered into its breaker.

        Raises:
            UpstreamUnavailable: every replica failed recently.
        """
        start, self._next = self._next, (self._next + 1) % len(self._all)
        replica = self._entered(start)
        if replica is None:
            raise UpstreamUnavailable(
                f"the {self._service} kept failing and gets no requests for a moment; try again in a second"
            )
        return replica

    def enter_other(self, than: Replica) -> Replica | None:
        """A healthy replica other than `than`, entered into its breaker. Takes nobody's turn: a replica that refuses is not
        asked more often."""
        return self._entered(self._next, than)

    def _entered(self, start: int, but: Replica | None = None) -> Replica | None:
        for replica in (*self._all[start:], *self._all[:start]):
            if replica is not but and replica.breaker.try_enter():
                return replica
        return None
