"""What was known of each shopper at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise_pipeline.examples.histories import Histories
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.history import history_of
from shelfwise_ranker.products import ProductTable, Rows


@dataclass(frozen=True)
class Pasts:
    """All shoppers' events, by the users' numbers in the log, which has only products that the table holds."""

    histories: Histories
    """All events. Rows beyond the table's are products that it does not hold (any more)."""
    ids: Sequence[str]
    """The ids of the rows in `histories`."""
    numbers: NDArray[np.int32]
    """[users of the log] the user's number in `histories`."""

    @classmethod
    def of(cls, table: ProductTable, log: EventLog, events: pl.DataFrame) -> "Pasts":
        """Build from `log`, those of `events` whose products the table holds. A removed product stays in its buyers' histories,
        as it does in service."""
        gone = sorted(set(events["product_id"].unique().to_list()) - set(table.ids))
        if not gone:
            return cls(Histories.of(log), table.ids, np.arange(log.users.max(initial=-1) + 1, dtype=np.int32))
        ids = [*table.ids, *gone]
        every = EventLog.of(replace(table, ids=ids), events)
        numbers = np.zeros(log.users.max(initial=-1) + 1, np.int32)
        numbers[log.users] = every.users[every.rows < len(table)]  # the same events in the same order
        return cls(Histories.of(every), ids, numbers)

    def number(self, user: int) -> int:
        """Return the number of `user` in `histories`."""
        return int(self.numbers[user])

    def before(self, user: int, moment: float) -> slice:
        """Return the events of `user` before `moment`, in `histories`."""
        return self.histories.between(self.number(user), -np.inf, moment)

    def history(self, user: int, moment: float, until: float | None = None) -> History:
        """Return what the ranker would know of `user` at `moment` from events before `until`; by default, from all before
        `moment`."""
        log, before = self.histories.log, self.before(user, moment if until is None else until)
        return history_of(self._ids(log.rows[before]), log.kinds[before], log.times[before], moment)

    def _ids(self, rows: Rows) -> Sequence[str]:
        return [self.ids[row] for row in rows.tolist()]
