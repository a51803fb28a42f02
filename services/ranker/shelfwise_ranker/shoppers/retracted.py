"""An event that was counted and taken back since."""

from dataclasses import dataclass, replace

from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.unplaced import Told


@dataclass(frozen=True, slots=True)
class Retracted:
    """`written_by`: the transaction that the event came with; None of an early release, all of whose have ended."""

    written_by: int | None
    event: Told

    def moved(self, moves: Moves) -> "Retracted | None":
        """The event as it is counted after `moves`; None: not at all any more, since its shopper is forgotten."""
        product, moment, kind, shopper = self.event
        becomes = moves.ends.get(shopper, shopper)
        return None if becomes is None else replace(self, event=(product, moment, kind, becomes))
