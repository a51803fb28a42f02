"""Each shopper's events in the order of time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.question import Grades
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.event_log import CART, PURCHASE, VIEW, EventLog
from shelfwise_ranker.products import Rows

GRADE_OF_KIND = {PURCHASE: 3, CART: 2, VIEW: 1}


@dataclass(frozen=True)
class Histories:
    """Events sorted by user, then by time."""

    log: EventLog

    @classmethod
    def of(cls, log: EventLog) -> "Histories":
        order = np.lexsort((log.times, log.users))
        return cls(EventLog(log.rows[order], log.times[order], log.kinds[order], log.users[order]))

    def wanted(self, user: int, start: float, end: float) -> tuple[Rows, NDArray[np.int8]]:
        """Return what `user` bought, put into the cart or looked at in [start, end): ascending rows, and the best grade of
        each."""
        events = self.between(user, start, end)
        rows = self.log.rows[events]
        grade_of_kind = np.zeros(max(GRADE_OF_KIND) + 1, dtype=np.int8)
        grade_of_kind[list(GRADE_OF_KIND)] = list(GRADE_OF_KIND.values())
        distinct, place = np.unique(rows, return_inverse=True)
        grades = np.zeros(len(distinct), dtype=np.int8)
        np.maximum.at(grades, place, grade_of_kind[self.log.kinds[events]])
        return distinct[grades > 0].astype(np.int32), grades[grades > 0]

    def hours_of_purchases(self, user: int, start: float, end: float) -> int:
        """Return in how many hours of [start, end) `user` bought anything."""
        events = self.between(user, start, end)
        times = self.log.times[events][self.log.kinds[events] == PURCHASE]
        return len(distinct(times // 3600))

    def between(self, user: int, start: float, end: float) -> slice:
        """Return the events of `user` in [start, end)."""
        # Search with the array's own type: with another one, NumPy would convert all users for every question.
        first, last = np.searchsorted(self.log.users, np.array([user, user + 1], self.log.users.dtype)).tolist()
        inside = np.searchsorted(self.log.times[first:last], [start, end]).tolist()
        return slice(first + inside[0], first + inside[1])


def graded(rows: Rows, wanted: Rows, grades: Grades) -> Grades:
    """Return the grade of each of `rows`; 0 for rows that are not in `wanted` (ascending)."""
    if not len(wanted):
        return np.zeros(len(rows), dtype=grades.dtype)
    place = np.minimum(np.searchsorted(wanted, rows), len(wanted) - 1)
    found = grades[place]
    found[wanted[place] != rows] = 0
    return found
