"""The measured speed of the engine."""

from typing import Final

_WEIGHT: Final = 0.1


class Pace:
    """Seconds per token, as a moving average; 0 until the first batch."""

    def __init__(self) -> None:
        self.seconds_a_token = 0.0

    def observe(self, tokens: int, seconds: float) -> None:
        latest = seconds / tokens
        self.seconds_a_token += (latest - self.seconds_a_token) * (_WEIGHT if self.seconds_a_token else 1.0)

    def seconds_for(self, tokens: int) -> float:
        return tokens * self.seconds_a_token
