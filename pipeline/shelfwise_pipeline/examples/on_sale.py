"""The time since which a product has been in the shop, where its date and its events disagree."""

from dataclasses import replace

import numpy as np

from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.products import ProductTable


def since_first_event(table: ProductTable, log: EventLog) -> ProductTable:
    """Return `table` with no product younger than its first event in `log`. Products without a date stay without one.

    A shop that moved to another system often dates every product by the day of the move. With such dates, products could
    neither be asked about nor be answers at any moment before the move, and years of sales would teach nothing.
    """
    first = np.append(log.first_times(len(table)), np.nan)
    return replace(table, created_at=np.where(table.created_at > first, first, table.created_at))
