"""Events of products that the catalog does not hold, kept for when it does."""

from collections.abc import Iterable, Sequence

import numpy as np

from shelfwise_ranker.living.window_log import Entries

MOST = 100_000
"""Events kept; of later ones only the next bundle knows."""

Told = tuple[str, float, int, int]
"""Product, seconds since 1970, kind and shopper of an event."""


class Unplaced:
    """A shop may sell (and shoppers look at) a product a moment before the catalog's change of it has come here."""

    def __init__(self, most: int = MOST) -> None:
        self._of_product: dict[str, list[tuple[float, int, int]]] = {}
        self._left = most

    def add(self, events: Sequence[Told]) -> None:
        for product, moment, kind, shopper in events[: self._left]:
            self._of_product.setdefault(product, []).append((moment, kind, shopper))
        self._left = max(0, self._left - len(events))

    def take(self, products: Iterable[str]) -> list[Told]:
        """The events of these products, which are kept no longer."""
        found = [(product, *event) for product in products for event in self._of_product.pop(product, ())]
        self._left += len(found)
        return found

    def forget(self, shopper: int) -> None:
        for product, events in list(self._of_product.items()):
            kept = [event for event in events if event[2] != shopper]
            self._left += len(events) - len(kept)
            if kept:
                self._of_product[product] = kept
            else:
                del self._of_product[product]

    def rename(self, shopper: int, becomes: int) -> None:
        """Let the events of a shopper be another's."""
        for product, events in self._of_product.items():
            if any(event[2] == shopper for event in events):
                renamed = [(moment, kind, becomes if who == shopper else who) for moment, kind, who in events]
                self._of_product[product] = renamed


def entries_of(events: Sequence[Told], rows: Sequence[int]) -> Entries:
    """Parallel arrays of events whose products have these rows."""
    return (
        np.array(rows, dtype=np.int32),
        np.array([event[1] for event in events], dtype=np.float64),
        np.array([event[2] for event in events], dtype=np.int8),
        np.array([event[3] for event in events], dtype=np.int64),
    )
