"""How long the caller still waits, passed from service to service in a header."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from shelfwise.errors import DeadlineExceeded, InvalidRequest

HEADER = "x-deadline-ms"
_DIGITS = 12
"""A longer number is no time that anybody waits."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time on this process's monotonic clock, in seconds."""

    at_s: float

    @classmethod
    def after_ms(cls, milliseconds: float) -> "Deadline":
        return cls(time.monotonic() + milliseconds / 1000)

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Deadline | None":
        """The caller's deadline from the request's headers, or None if it set none.

        Raises:
            InvalidRequest: the header is not a whole number of milliseconds.
        """
        value = headers.get(HEADER)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
            raise InvalidRequest(f"expected whole milliseconds in the header {HEADER}, found {value[:40]!r}")
        return cls.after_ms(int(value))

    @property
    def remaining_s(self) -> float:
        """Seconds left; negative once it has passed."""
        return self.at_s - time.monotonic()

    @property
    def passed(self) -> bool:
        return self.remaining_s <= 0

    def header(self) -> str:
        """The header's value: whole milliseconds left, at least 0."""
        return str(max(0, int(self.remaining_s * 1000)))

    def require(self, needed_s: float, work: str) -> None:
        """Refuse work that cannot end in time.

        Raises:
            DeadlineExceeded: fewer than `needed_s` seconds are left.
        """
        left = self.remaining_s
        if left < needed_s:
            raise DeadlineExceeded(
                f"{work} needs about {needed_s * 1000:.0f} ms, but only {max(0.0, left) * 1000:.0f} ms are left "
                "until the deadline; send a larger deadline_ms"
            )
