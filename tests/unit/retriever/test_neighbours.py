"""Neighbour lists: sums over several of them."""

import numpy as np

from shelfwise_retriever.behavior import Neighbours
from tests.support.behavior import lists


def test_scores_add_up_with_their_weights() -> None:
    found = lists(4, {0: {1: 0.5, 2: 0.25}, 3: {2: 1.0}})
    column = found.accumulate(np.array([0, 3], np.int32), np.array([1.0, 0.5], np.float32))
    assert column.tolist() == [0, 0.5, 0.75, 0]
    assert column.dtype == np.float32


def test_rows_without_a_list_and_no_rows_at_all() -> None:
    found = lists(3, {0: {1: 0.5}})
    assert found.accumulate(np.array([1, 2], np.int32), np.ones(2, np.float32)).tolist() == [0, 0, 0]
    assert found.accumulate(np.array([], np.int32), np.array([], np.float32)).tolist() == [0, 0, 0]
    assert Neighbours.none(2).accumulate(np.array([1], np.int32), np.ones(1, np.float32)).tolist() == [0, 0]


def test_empty_lists_between_full_ones() -> None:
    found = lists(5, {0: {4: 1.0}, 4: {0: 2.0, 1: 3.0}})
    assert found.accumulate(np.array([0, 1, 4], np.int32), np.ones(3, np.float32)).tolist() == [2, 3, 0, 0, 1]
    assert found.of(4)[0].tolist() == [0, 1]
