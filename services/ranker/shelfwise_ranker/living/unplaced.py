"""Events of products that the catalog does not hold yet, kept until it does."""

from collections.abc import Iterable, Sequence

import numpy as np

from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.window_log import Entries

MOST = 100_000
"""Events kept; later ones are known only to the next bundle."""

Told = tuple[str, float, int, int]
"""Product, seconds since 1970, kind and shopper of an event."""


class Unplaced:
    """A shop may sell a product, and shoppers view it, a moment before the catalog's change arrives here."""

    def __init__(self, most: int = MOST) -> None:
        self._of_product: dict[str, list[tuple[float, int, int]]] = {}
        self._products_of: dict[int, set[str]] = {}  # by shopper; may name products without any event left
        self._left = most

    def add(self, events: Sequence[Told]) -> None:
        for product, moment, kind, shopper in events[: self._left]:
            self._of_product.setdefault(product, []).append((moment, kind, shopper))
            self._products_of.setdefault(shopper, set()).add(product)
        self._left = max(0, self._left - len(events))

    def take(self, products: Iterable[str]) -> list[Told]:
        """Remove and return the events of these products."""
        found = [(product, *event) for product in products for event in self._of_product.pop(product, ())]
        for product, _, _, shopper in found:
            theirs = self._products_of.get(shopper, set())
            theirs.discard(product)
            if not theirs:
                self._products_of.pop(shopper, None)
        self._left += len(found)
        return found

    def remove(self, event: Told) -> bool:
        """Remove one event that is exactly like `event`; return whether there was one."""
        product, moment, kind, shopper = event
        try:
            self._of_product.get(product, []).remove((moment, kind, shopper))
        except ValueError:
            return False
        self._left += 1
        return True

    def move(self, moves: Moves) -> None:
        """Let shoppers become others, and drop the events of forgotten shoppers."""
        moved = [shopper for shopper in moves.ends if shopper in self._products_of]
        events = self.take(sorted(set().union(*(self._products_of[shopper] for shopper in moved))))
        ends = [moves.ends.get(shopper, shopper) for *_, shopper in events]
        self.add([(*event[:3], end) for event, end in zip(events, ends, strict=True) if end is not None])


def entries_of(events: Sequence[Told], rows: Sequence[int]) -> Entries:
    """Parallel arrays of `events`, whose products have these `rows`."""
    return (
        np.array(rows, dtype=np.int32),
        np.array([event[1] for event in events], dtype=np.float64),
        np.array([event[2] for event in events], dtype=np.int8),
        np.array([event[3] for event in events], dtype=np.int64),
    )
