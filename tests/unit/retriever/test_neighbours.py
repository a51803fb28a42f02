"""Neighbour lists: sums over several of them."""

import numpy as np
import pytest

from shelfwise_retriever.behavior import Neighbours
from tests.support.behavior import lists


def added(found: Neighbours, rows: list[int], weights: list[float]) -> dict[int, float]:
    """The sums that are not 0, by row."""
    sums = found.accumulate(np.array(rows, np.int32), np.array(weights, np.float32))
    assert sums.dtype == np.float32
    return {int(row): float(value) for row, value in zip(found.others, sums, strict=True) if value}


def test_scores_of_several_lists_add_up_with_their_weights() -> None:
    found = lists(4, {0: {1: 0.5, 2: 0.25}, 3: {2: 1.0}})
    assert added(found, [0, 3], [1.0, 0.5]) == pytest.approx({1: 0.5, 2: 0.75})


def test_others_holds_only_rows_that_are_in_a_list() -> None:
    found = lists(1_000, {0: {900: 0.5}, 7: {3: 0.25, 900: 1}})
    assert found.others.tolist() == [3, 900]
    assert (found.count, len(found)) == (1_000, 3)


def test_rows_without_a_list_and_no_rows_at_all_add_nothing() -> None:
    found = lists(3, {0: {1: 0.5}})
    assert added(found, [1, 2], [1, 1]) == {}
    assert added(found, [], []) == {}
    assert added(Neighbours.none(2), [1], [1]) == {}


def test_empty_lists_between_full_ones_add_nothing() -> None:
    found = lists(5, {0: {4: 1.0}, 4: {0: 2.0, 1: 3.0}})
    assert added(found, [0, 1, 4], [1, 1, 1]) == {0: 2, 1: 3, 4: 1}
    assert found.of_row(4)[0].tolist() == [0, 1]
    assert found.of_row(1)[0].tolist() == []
