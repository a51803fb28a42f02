"""The events that still count in a window."""

import numpy as np

from shelfwise_ranker.event_log import PURCHASE, VIEW
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.living.window_log import Entries, WindowLog, taken


def entries(count: int, start: float) -> Entries:
    numbers = np.arange(count)
    kinds = np.where(numbers % 2, VIEW, PURCHASE).astype(np.int8)
    return numbers.astype(np.int32), start + numbers.astype(np.float64), kinds, numbers + 7


def test_events_that_were_taken_out_are_not_counted_before_or_after_they_would_have_left() -> None:
    sorted_ones, young = entries(9, 0.0), entries(4, 100.0)
    log = WindowLog(RecentEvents(*entries(9, 0.0)), 0.0)
    log.add(young)
    assert len(log) == 13
    for of_log in (sorted_ones, young):
        assert log.take_out(taken(of_log, slice(1, 3))).tolist() == [True, True]
        assert log.take_out(taken(of_log, slice(2, 3))).tolist() == [False]
    assert len(log) == 9
    log.drop_before(5.0)
    assert len(log) == 4 + 2
    assert log.leaving(0.0, 200.0, PURCHASE).tolist() == [6, 8, 0]
    assert len(log) == 6
