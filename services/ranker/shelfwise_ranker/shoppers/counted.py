"""Tracks which transactions' events are in the statistics: each is counted once, by its writer or by its reader."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from shelfwise_ranker.shoppers.position import Position

BEHIND = 10_000
"""If PostgreSQL crashes, it loses what had not reached its disk yet, less than a second of it, and then gives the numbers of
those transactions to others. This many numbers are looked at again then."""


@dataclass
class CountedTransactions:
    """A transaction of this process is entered before it commits, and its events are counted after that. A follower reads
    those of other processes.

    PostgreSQL reuses a number only if it crashed before anything of the first transaction reached its disk; a committed
    transaction keeps its number for good.
    """

    _running: set[int] = field(default_factory=set)
    _ahead: set[int] = field(default_factory=set)  # counted, and not yet passed by the follower
    _before: deque[int] = field(default_factory=lambda: deque(maxlen=2 * BEHIND))  # the most recently counted
    unsure: set[int] = field(default_factory=set)
    """Own transactions whose commit was not answered; the follower settles them."""

    def begin(self, transaction: int) -> None:
        """The transaction is about to commit. An earlier one with this number is lost."""
        self.unsure.discard(transaction)
        self._ahead.discard(transaction)
        self._running.add(transaction)

    def left(self, transaction: int) -> None:
        """The transaction's events, if it was committed, are left for the follower to read."""
        self._running.discard(transaction)
        self.unsure.discard(transaction)

    def counted(self, transaction: int) -> None:
        """The transaction's events are in the statistics."""
        self.left(transaction)
        self._ahead.add(transaction)

    def doubtful(self, transaction: int) -> None:
        """The connection was lost before PostgreSQL reported the transaction's outcome."""
        self._running.discard(transaction)
        self.unsure.add(transaction)

    def is_running(self, transaction: int | None) -> bool:
        """Whether the transaction's own writer may still count its events."""
        return transaction in self._running

    def to_skip(self, *, from_behind: bool) -> Collection[int]:
        """The transactions that a follower must not count; `from_behind`: when it reads a part that it has read before."""
        skipped = self._running | self._ahead | self.unsure
        return skipped.union(self._before) if from_behind else skipped

    def read(self, transactions: Collection[int], position: Position) -> None:
        """A follower has counted `transactions`, and has passed everything that `position` shows."""
        self._before.extend(transactions)
        behind = {transaction for transaction in self._ahead if position.shows(transaction)}
        self._before.extend(behind)
        self._ahead -= behind

    def start_over(self) -> None:
        """New statistics are used from now on, which know nothing of what was counted, or in doubt, before."""
        self._ahead.clear()
        self._before.clear()
        self.unsure.clear()
