"""Limits how many requests are answered at the same time."""

from types import TracebackType

from shelfwise.errors import Overloaded


class Admission:
    """A context manager for answering a request; raises `Overloaded` at once if `limit` requests are being answered.

    Nothing queues here: a request that has waited past its deadline would be wasted work. Enter it after the body is read: a
    caller that sends it slowly, or never finishes it, must not occupy a place.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.in_flight = 0

    def __enter__(self) -> None:
        if self.in_flight >= self._limit:
            raise Overloaded(f"expected at most {self._limit} requests at the same time, found one more; try again in a second")
        self.in_flight += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.in_flight -= 1
