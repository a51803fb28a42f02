"""Moments at which questions are asked, each with the period in which answers are looked for."""

from dataclasses import dataclass

import numpy as np

from shelfwise_pipeline.examples.split import Split
from shelfwise_ranker.tallies import DAY_S

LONGEST_S = 30 * DAY_S
"""Later purchases have little to do with the question."""


@dataclass(frozen=True, slots=True)
class Window:
    """A question is answered from what happened before `moment`. What happens from then to `until` is right."""

    moment: float  # seconds since 1970
    until: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of the three periods of a split. None reaches into the next period."""

    train: tuple[Window, ...]
    validate: Window
    test: Window | None
    latest: Window
    """The end of the known time, half as long. It neither chooses nor judges, and is used for training once both are done:
    demand changes with the season, so the newest weeks teach more than any before them."""

    @classmethod
    def of(cls, split: Split, count: int) -> "Windows":
        """Make `count` training windows, evenly spread, and overlapping if the period is short. Each is as long as the window
        that chooses, but at most half of the period, so that it holds several moments."""
        start, end = split.train()
        choosing = _window(*split.validate())
        length = min(choosing.until - choosing.moment, (end - start) / 2 if count > 1 else end - start)
        moments = np.unique(np.linspace(start, end - length, count))
        judging = _window(*split.test())
        newest, known_until = judging if split.judges else choosing, split.end.timestamp()
        return cls(
            tuple(Window(moment, moment + length) for moment in moments.tolist()),
            choosing,
            judging if split.judges else None,
            Window(known_until - (newest.until - newest.moment) / 2, known_until),
        )


def _window(start: float, end: float) -> Window:
    return Window(start, min(end, start + LONGEST_S))
