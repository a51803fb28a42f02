"""Stops asking a service that keeps failing, and asks again after a while."""

import math
import time
from collections.abc import Callable
from typing import Literal

Clock = Callable[[], float]

BreakerState = Literal["closed", "open", "half_open"]


class Breaker:
    """Closed: every call may pass. Open: none may. Half open: one call may test whether the service is back, and another
    one whenever the last such call has not ended within `open_s` seconds, because a bulk write takes minutes.

    It opens after `threshold` failures without a success between them and stays open for `open_s` seconds. The caller decides
    what counts as a failure; a response that blames the caller (4xx) or says "too much" (429) is a success here.
    Every `try_enter` that returned True must be followed by exactly one of `succeed`, `fail` and `leave`.
    """

    def __init__(self, threshold: int = 5, open_s: float = 1.0, clock: Clock = time.monotonic) -> None:
        self._threshold = threshold
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._tried_until = -math.inf

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    def try_enter(self) -> bool:
        """Whether this call may pass. In the half-open state the first one may, the others wait for its outcome, but not for
        long."""
        if self._open_until is None:
            return True
        now = self._clock()
        if now < self._open_until or now < self._tried_until:
            return False
        self._tried_until = now + self._open_s
        return True

    def succeed(self) -> None:
        self._failures = 0
        self._open_until = None

    def fail(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = self._clock() + self._open_s

    def leave(self) -> None:
        """The call ended and says nothing about the service, e.g. its caller went away."""
        self._tried_until = -math.inf
