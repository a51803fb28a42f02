"""Reasons that are still to be made, for whoever has the time: a model's take about a hundred times as long as its scores."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.reason import Reason

Added = NDArray[np.float64]
"""[candidates, parts] what each part added to the score of each."""


@dataclass(frozen=True)
class Explanation:
    """Why some candidates stand where they stand, in two steps that may be taken for a few of them at a time."""

    positions: list[int]
    """The candidates in question, by their place in the request; the best first."""
    weigh: Callable[[list[int]], Added]
    """The long step. It needs nothing that the catalog's changes or events move, so any thread may take it."""
    say: Callable[[list[int], Added], dict[int, Reason]]
    """What was weighed, in words. It reads the table of products, so it is for the thread that changes it."""

    def all(self) -> dict[int, Reason]:
        """The reasons at once, by position."""
        return self.say(self.positions, self.weigh(self.positions))


def explained_positions(scores: NDArray[np.float64], ids: list[str], best: int, named: list[str]) -> list[int]:
    """The `best` many candidates and those that are `named`, by their place in `ids`; the best first."""
    in_order = np.argsort(-scores, kind="stable").tolist()
    wanted = set(named)
    return [position for place, position in enumerate(in_order) if place < best or ids[position] in wanted]
