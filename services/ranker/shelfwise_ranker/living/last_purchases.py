"""When each product was last bought, also after purchases are taken back."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import PURCHASE
from shelfwise_ranker.living.window_log import Entries, WindowLog, taken

ROUNDED_S = 60.0
"""A bundle's times of last purchases are exact to this many seconds."""


class LastPurchases:
    """Changes `times` in place: [products] seconds since 1970, NaN for a product that was never bought."""

    def __init__(self, times: NDArray[np.float64], log: WindowLog, logged_from: float) -> None:
        """`log` has all purchases since `logged_from` (seconds since 1970). No purchase before is ever taken back."""
        self._times = times
        self._log = log
        self._known_before = np.where(times < logged_from, times, np.nan)

    def enter(self, entries: Entries) -> None:
        """Note the purchases among new `entries`, in any order."""
        rows, times, kinds, _ = entries
        np.fmax.at(self._times, rows[kinds == PURCHASE], times[kinds == PURCHASE])

    def among(self, entries: Entries) -> NDArray[np.int32]:
        """The products whose last purchase is one of `entries`."""
        rows, times, kinds, _ = entries
        return taken(entries, (kinds == PURCHASE) & (times >= self._times[rows] - ROUNDED_S))[0]

    def find(self, wanted: NDArray[np.bool_]) -> Iterator[None]:
        """Find them again where `wanted` ([products]), step by step: a purchase before one that was taken back is known if the
        log holds it, or if the bundle knew of no later one."""
        last = self._known_before.copy()
        for rows, times in self._log.purchases():
            of_wanted = wanted[rows]
            np.fmax.at(last, rows[of_wanted], times[of_wanted])
            yield
        self._times[wanted] = last[wanted]
