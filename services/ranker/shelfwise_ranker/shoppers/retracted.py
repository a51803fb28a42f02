"""An event that was counted and has been retracted since."""

from dataclasses import dataclass, replace

from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.unplaced import Told


@dataclass(frozen=True, slots=True)
class Retracted:
    """`written_by`: the transaction that wrote the event; None for an early release, whose transactions have all ended."""

    written_by: int | None
    event: Told

    def moved(self, moves: Moves) -> "Retracted | None":
        """The event as it is counted after `moves`; None if it is not counted any more, because its shopper is forgotten."""
        product, moment, kind, shopper = self.event
        becomes = moves.ends.get(shopper, shopper)
        return None if becomes is None else replace(self, event=(product, moment, kind, becomes))
