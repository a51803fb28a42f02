"""How often each product was bought, viewed and put into carts in the last days, by how many buyers, and in its category."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import CART, PURCHASE, VIEW
from shelfwise_ranker.living.buyers import Buyers
from shelfwise_ranker.living.category_sales import CategorySales
from shelfwise_ranker.living.window_log import LONGEST_S, Entries, WindowLog, taken
from shelfwise_ranker.tallies import DAY_S, Tallies

# Each window: the column, the kind that counts in it, and for how long.
WINDOWS: tuple[tuple[str, int, float], ...] = (
    ("purchases_7d", PURCHASE, 7 * DAY_S),
    ("purchases_30d", PURCHASE, 30 * DAY_S),
    ("purchases_90d", PURCHASE, 90 * DAY_S),
    ("views_30d", VIEW, 30 * DAY_S),
    ("carts_30d", CART, 30 * DAY_S),
)


class WindowCounts:
    """Changes the counts of `tallies`, `buyers` and `categories` in place. Windows end at a moment that the caller says."""

    def __init__(self, tallies: Tallies, buyers: Buyers, categories: CategorySales) -> None:
        self._tallies = tallies
        self._buyers = buyers
        self._categories = categories

    def count(self, entries: Entries, now: float, step: int) -> None:
        """Count entries that are new (`step` 1) or taken back (`step` -1), each in the windows up to `now` that hold it."""
        rows, times, kinds, _ = entries
        for name, kind, length_s in WINDOWS:
            counted = rows[(kinds == kind) & (times >= now - length_s)]
            np.add.at(getattr(self._tallies, name), counted, float(step))
        bought = _bought(entries, now)
        self._categories.count(bought[0], step)
        self._buyers.count(bought[0], bought[3], step)

    def rename(self, entries: Entries, becomes: NDArray[np.int64], now: float) -> None:
        """Let the shopper of each entry be the one in `becomes`."""
        for shoppers, step in ((entries[3], -1), (becomes, 1)):
            bought = _bought((*entries[:3], shoppers), now)
            self._buyers.count(bought[0], bought[3], step)

    def roll(self, log: WindowLog, before: float, now: float) -> list[NDArray[np.int32]]:
        """Move the windows' end from `before` to `now`: what leaves them is not counted any more. Returns the products."""
        left = []
        for name, kind, length_s in WINDOWS:
            rows = log.leaving(before - length_s, now - length_s, kind)
            np.subtract.at(getattr(self._tallies, name), rows, 1.0)
            left.append(rows)
        rows, shoppers = log.leaving_purchases(before - LONGEST_S, now - LONGEST_S)
        self._buyers.count(rows, shoppers, -1)
        self._categories.count(rows, -1)
        return left


def _bought(entries: Entries, now: float) -> Entries:
    """The purchases in the longest window, whose buyers and categories are counted."""
    _, times, kinds, _ = entries
    return taken(entries, (kinds == PURCHASE) & (times >= now - LONGEST_S))
