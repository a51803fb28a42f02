"""Deadlines travel as the milliseconds that are left."""

import pytest

from shelfwise.deadline import HEADER, Deadline
from shelfwise.errors import DeadlineExceeded, InvalidRequest


def test_the_header_holds_the_milliseconds_left_and_never_less_than_zero() -> None:
    deadline = Deadline.after_ms(250)
    assert 0.2 < deadline.remaining_s <= 0.25
    assert 200 <= int(deadline.header()) <= 250
    assert not deadline.passed
    over = Deadline.after_ms(-5)
    assert over.passed
    assert over.header() == "0"


def test_work_that_cannot_end_in_time_is_refused() -> None:
    Deadline.after_ms(100).require(0.01, "ranking")
    with pytest.raises(DeadlineExceeded, match=r"ranking needs about 5000 ms, but only (3\d{3}|4000) ms are left"):
        Deadline.after_ms(4000).require(5.0, "ranking")
    with pytest.raises(DeadlineExceeded, match="but only 0 ms are left"):
        Deadline.after_ms(-5000).require(0.05, "ranking")


def test_a_deadline_is_read_back_from_its_header() -> None:
    read = Deadline.of({HEADER: Deadline.after_ms(500).header()})
    assert read is not None
    assert 0.4 < read.remaining_s <= 0.5
    assert Deadline.of({}) is None


@pytest.mark.parametrize("unfit", ["", "soon", "-5", "1.5", "²", "9" * 400, "9" * 5000])
def test_a_header_without_whole_milliseconds_is_refused(unfit: str) -> None:
    with pytest.raises(InvalidRequest, match="expected whole milliseconds in the header x-deadline-ms"):
        Deadline.of({HEADER: unfit})
