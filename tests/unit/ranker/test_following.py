"""Which transactions a follower has seen, and which of its own it must not count again."""

import numpy as np
import pytest

from shelfwise_ranker.living.buyers import Buyers
from shelfwise_ranker.shoppers.counted import CountedTransactions
from shelfwise_ranker.shoppers.position import Position


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("10:10:", [3, 9], [10, 11]),
        ("10:20:10,14,15", [9, 11, 13, 19], [10, 14, 15, 20]),
        ("9000000000000:9000000000001:", [9_000_000_000_000 - 1], [9_000_000_000_001]),
    ],
)
def test_a_snapshot_shows_only_transactions_that_had_ended(text: str, shown: list[int], hidden: list[int]) -> None:
    position = Position.of(text)
    assert all(position.shows(transaction) for transaction in shown)
    assert not any(position.shows(transaction) for transaction in hidden)


def test_a_position_before_a_transaction_hides_it_and_all_later_ones() -> None:
    position = Position.of("10:20:10,14,15")
    assert position.before(15) == Position.of("10:15:10,14")
    assert position.before(5) == Position.of("5:5:")
    assert position.before(30) == position
    assert Position.of(position.text) == position


def test_own_transactions_are_skipped_until_a_read_has_passed_them() -> None:
    own = CountedTransactions()
    own.begin(5)
    own.begin(7)
    own.counted(5)
    assert set(own.to_skip(from_behind=False)) == {5, 7}
    own.read({4}, Position.of("6:8:7"))
    assert set(own.to_skip(from_behind=False)) == {7}, "it is still to be counted by its own writer"
    own.counted(7)
    own.read((), Position.of("8:8:"))
    assert set(own.to_skip(from_behind=False)) == set()
    assert set(own.to_skip(from_behind=True)) == {4, 5, 7}


def test_doubtful_transactions_are_skipped_until_the_statistics_start_over() -> None:
    own = CountedTransactions()
    own.begin(5)
    own.doubtful(5)
    own.read((), Position.of("9:9:"))
    assert set(own.to_skip(from_behind=False)) == {5}
    own.begin(6)
    own.start_over()
    assert set(own.to_skip(from_behind=True)) == {6}


def test_a_transaction_number_that_is_used_again_is_no_longer_in_doubt() -> None:
    own = CountedTransactions()
    own.begin(5)
    own.doubtful(5)
    own.begin(5)
    assert not own.unsure
    own.counted(5)
    assert set(own.to_skip(from_behind=False)) == {5}


def test_a_shopper_is_a_buyer_as_long_as_one_purchase_is_in_the_window() -> None:
    rows, shoppers = np.array([0, 0, 1], np.int32), np.array([7, 7, 8], np.int64)
    buyers = Buyers(rows, shoppers, 3)
    assert buyers.distinct.tolist() == [1, 1, 0]
    buyers.count(rows[:1], shoppers[:1], -1)
    assert buyers.distinct.tolist() == [1, 1, 0]
    buyers.count(rows[:1], shoppers[:1], -1)
    assert buyers.distinct.tolist() == [0, 1, 0]
    later = np.array([2, 2, 0], np.int32), np.array([7, -9, 7], np.int64)
    buyers.count(*later, 1)
    assert buyers.distinct.tolist() == [1, 1, 2]
    buyers.count(*later, -1)
    assert buyers.distinct.tolist() == [0, 1, 0]
