"""Reasons that are computed later: those of a model take about a hundred times as long as its scores."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.reason import Reason

Added = NDArray[np.float64]
"""[candidates, parts] what each part added to each candidate's score."""


@dataclass(frozen=True)
class Explanation:
    """Why some candidates have their rank, computed in two steps that may be taken for a few of them at a time."""

    positions: list[int]
    """The candidates' positions in the request; the best first."""
    weigh: Callable[[list[int]], Added]
    """The slow step. It reads nothing that catalog changes or events modify, so any thread may run it."""
    say: Callable[[list[int], Added], dict[int, Reason]]
    """The step from weights to words. It reads the product table, so it must run on the thread that changes the table."""

    def all(self) -> dict[int, Reason]:
        """All reasons at once, by position."""
        return self.say(self.positions, self.weigh(self.positions))


def explained_positions(scores: NDArray[np.float64], ids: list[str], best: int, named: list[str]) -> list[int]:
    """The positions in `ids` of the `best` best candidates and of those that are `named`; the best first."""
    in_order = np.argsort(-scores, kind="stable").tolist()
    wanted = set(named)
    return [position for place, position in enumerate(in_order) if place < best or ids[position] in wanted]
