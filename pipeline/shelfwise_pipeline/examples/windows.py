"""Moments at which questions are asked, each with the time in which the answer is looked for."""

from dataclasses import dataclass

import numpy as np

from shelfwise_pipeline.examples.split import Split
from shelfwise_ranker.tallies import DAY_S

LONGEST_S = 30 * DAY_S
"""What is bought later than that says little of a question."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whatever answers a question uses only what happened before `moment`; right is what happens from then to `until`."""

    moment: float  # seconds since 1970
    until: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of the three periods of a split; none reaches into the next period."""

    train: tuple[Window, ...]
    validate: Window
    test: Window | None
    latest: Window
    """The end of all that is known, half as long: it chooses and judges nothing, and teaches once that is done. What is bought
    changes with the season, so the newest weeks teach more than any before them."""

    @classmethod
    def of(cls, split: Split, count: int) -> "Windows":
        """`count` windows to learn from, evenly spread and overlapping where the period is short: each is as long as the one
        that chooses, but no more than half of the period, so that it holds several moments."""
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
