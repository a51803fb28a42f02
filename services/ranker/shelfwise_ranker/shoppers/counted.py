"""Which transactions' events are in the statistics: each is counted once, by who wrote it or by who reads it."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from shelfwise_ranker.shoppers.position import Position

BEHIND = 10_000
"""A crash of PostgreSQL takes along what had not reached its disk yet, under a second, and gives those transactions' numbers
to others afterwards. So many numbers are looked at again then."""


@dataclass
class CountedTransactions:
    """A transaction of this process is entered before it commits, and its events are counted when it has. A follower reads
    those of others.

    PostgreSQL gives a number again only if it crashed before anything of the first transaction reached its disk; what was
    committed keeps its number for good.
    """

    _running: set[int] = field(default_factory=set)
    _ahead: set[int] = field(default_factory=set)  # counted, and not yet behind the follower
    _before: deque[int] = field(default_factory=lambda: deque(maxlen=2 * BEHIND))  # counted last
    unsure: set[int] = field(default_factory=set)
    """Own transactions whose commit was not answered, to be settled by the follower."""

    def begin(self, transaction: int) -> None:
        """It is about to commit. An earlier one of this number is lost."""
        self.unsure.discard(transaction)
        self._ahead.discard(transaction)
        self._running.add(transaction)

    def left(self, transaction: int) -> None:
        """Its events, if it was committed, are left for the follower to read."""
        self._running.discard(transaction)
        self.unsure.discard(transaction)

    def counted(self, transaction: int) -> None:
        """Its events are in the statistics."""
        self.left(transaction)
        self._ahead.add(transaction)

    def doubtful(self, transaction: int) -> None:
        """The connection was lost before PostgreSQL said what became of it."""
        self._running.discard(transaction)
        self.unsure.add(transaction)

    def is_running(self, transaction: int | None) -> bool:
        """Whether its events may yet be counted by their own writer."""
        return transaction in self._running

    def to_skip(self, *, from_behind: bool) -> Collection[int]:
        """What a follower must not count when it reads; `from_behind`: although it has read a part of it before."""
        skipped = self._running | self._ahead | self.unsure
        return skipped.union(self._before) if from_behind else skipped

    def read(self, transactions: Collection[int], position: Position) -> None:
        """A follower has counted these, and has everything behind it that `position` shows."""
        self._before.extend(transactions)
        behind = {transaction for transaction in self._ahead if position.shows(transaction)}
        self._before.extend(behind)
        self._ahead -= behind

    def start_over(self) -> None:
        """Other statistics are counted into from now on, which know nothing of what was counted, or in doubt, before."""
        self._ahead.clear()
        self._before.clear()
        self.unsure.clear()
