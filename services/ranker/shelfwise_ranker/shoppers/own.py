"""Transactions of this process: their events are counted when they are committed, and not again when they are read back."""

from collections.abc import Collection
from dataclasses import dataclass, field

from shelfwise_ranker.living.unplaced import Told
from shelfwise_ranker.shoppers.position import Position


@dataclass
class OwnTransactions:
    """A transaction is entered before it commits. One whose commit was not answered is asked about later."""

    _running: set[int] = field(default_factory=set)
    _counted: set[int] = field(default_factory=set)
    unsure: dict[int, list[Told]] = field(default_factory=dict)

    def begin(self, transaction: int) -> None:
        self._running.add(transaction)

    def left(self, transaction: int) -> None:
        """It is committed, and its events are left for the follower to read."""
        self._running.discard(transaction)

    def counted(self, transaction: int) -> None:
        """Its events are in the statistics."""
        self._running.discard(transaction)
        self._counted.add(transaction)

    def doubtful(self, transaction: int, events: list[Told]) -> None:
        """The connection was lost before PostgreSQL said what became of it."""
        self._running.discard(transaction)
        self.unsure[transaction] = events

    def to_skip(self) -> Collection[int]:
        """What a follower must not count when it reads."""
        return self._running | self._counted | self.unsure.keys()

    def read_up_to(self, position: Position) -> None:
        """A follower will not be shown again what `position` shows."""
        self._counted = {transaction for transaction in self._counted if not position.shows(transaction)}

    def start_over(self) -> None:
        """Other statistics are counted into from now on, which know nothing of what was counted, or in doubt, before."""
        self._counted = set()
        self.unsure = {}
