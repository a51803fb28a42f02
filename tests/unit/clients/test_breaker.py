import pytest

from shelfwise.clients.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(threshold=3, open_s=2.0, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.try_enter()
        breaker.fail()


def test_a_breaker_stays_closed_below_the_threshold(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.state == "closed"
    assert breaker.try_enter()


def test_a_success_between_failures_starts_the_count_again(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeed()
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert not breaker.try_enter()


def test_a_breaker_opens_at_the_threshold_and_lets_no_call_pass(breaker: Breaker) -> None:
    fail(breaker, 3)
    assert breaker.state == "open"
    assert not breaker.try_enter()


def test_a_half_open_breaker_lets_one_call_pass(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.0
    assert breaker.state == "half_open"
    assert breaker.try_enter()
    assert not breaker.try_enter(), "a second one has to wait for the first one's outcome"


def test_a_breaker_closes_when_the_trial_call_succeeds(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.0
    assert breaker.try_enter()
    breaker.succeed()
    assert breaker.state == "closed"
    fail(breaker, 2)
    assert breaker.state == "closed", "the failures before do not count any more"


def test_a_breaker_opens_again_when_the_trial_call_fails(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.0
    fail(breaker, 1)
    assert breaker.state == "open"
    clock.now += 1.9
    assert not breaker.try_enter()
    clock.now += 0.1
    assert breaker.try_enter()


def test_a_trial_call_without_an_outcome_frees_its_place(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.0
    assert breaker.try_enter()
    breaker.leave()
    assert breaker.state == "half_open"
    assert breaker.try_enter()


def test_a_trial_call_that_takes_long_does_not_keep_other_calls_out(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2.0
    assert breaker.try_enter(), "a bulk write, which may take minutes"
    clock.now += 1.9
    assert not breaker.try_enter()
    clock.now += 0.1
    assert breaker.try_enter()
    assert not breaker.try_enter()
    breaker.succeed()
    assert breaker.state == "closed"
    breaker.fail()
    assert breaker.state == "closed", "the first try's end is one outcome among others by now"


def test_calls_without_an_outcome_do_not_open_the_breaker(breaker: Breaker) -> None:
    for _ in range(10):
        assert breaker.try_enter()
        breaker.leave()
    assert breaker.state == "closed"
