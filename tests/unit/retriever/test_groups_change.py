"""Rows join and leave groups, and the groups stay equal to groups built anew."""

import random

import numpy as np
import pytest

from shelfwise_retriever.groups import RowGroups


def assert_like_new(groups: RowGroups, of_row: list[int]) -> None:
    new = RowGroups.of(np.array(of_row, np.int32), groups.count)
    assert groups.of_row.tolist() == of_row
    assert groups.sizes.tolist() == new.sizes.tolist()
    assert groups.empty == new.empty == np.count_nonzero(new.sizes == 0)
    for group in range(groups.count):
        assert groups.rows_of(group).tolist() == new.rows_of(group).tolist() == np.flatnonzero(new.of_row == group).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_groups_after_any_sequence_of_changes_equal_new_ones(seed: int) -> None:
    draw = random.Random(seed)
    of_row = [draw.randrange(6) for _ in range(20)] + list(range(6))
    groups = RowGroups.of(np.array(of_row, np.int32), 6)
    for _ in range(400):
        row = draw.randrange(len(of_row) + 1)
        if draw.random() < 0.3 and row < len(of_row):
            groups.take(row)
            of_row[row] = -1
            continue
        group = draw.randrange(groups.count + 1)
        groups.put(row, group)
        if row == len(of_row):
            of_row.append(group)
        of_row[row] = group
    assert_like_new(groups, of_row)


def test_a_row_taken_before_it_was_put_has_a_place_in_masks() -> None:
    groups = RowGroups.of(np.array([0, 1], np.int32), 2)
    groups.take(3)
    assert_like_new(groups, [0, 1, -1, -1])
    assert groups.having(np.array([False, True, True, True])).tolist() == [False, True]


def test_the_arrays_that_groups_are_made_of_are_not_changed() -> None:
    given = RowGroups.of(np.array([0, 0, 1], np.int32), 2)
    arrays = given.of_row, given.starts, given.sizes, given.rows
    for array in arrays:
        array.flags.writeable = False
    groups = RowGroups(*arrays)
    groups.take(0)
    assert_like_new(groups, [-1, 0, 1])
    groups.put(0, 1)
    assert given.of_row.tolist() == [0, 0, 1]
    assert_like_new(groups, [1, 0, 1])


def test_groups_without_rows_are_skipped() -> None:
    groups = RowGroups.of(np.array([0, 1, 2, 1], np.int32), 3)
    groups.take(0)
    scores = np.array([0.9, 0.8, 0.7], np.float32)
    for cap in (None, 1):
        for mask in (None, np.array([True, True, True, True])):
            rows, found = groups.expand(np.arange(3), scores, 10, mask, None if mask is not None else 0, cap)
            assert rows.tolist() == ([1, 3, 2] if cap is None else [1, 2])
            assert found[0] == np.float32(0.8)
    groups.take(1)
    groups.take(3)
    groups.take(2)
    for mask, cap in ((None, None), (np.full(4, True), 1)):
        assert len(groups.expand(np.arange(3), scores, 10, mask, cap=cap)[0]) == 0
    assert groups.having(np.array([False] * 4)).tolist() == [False] * 3


def test_firsts_are_the_groups_with_rows_in_the_order_of_their_first_row() -> None:
    groups = RowGroups.of(np.array([2, 0, 2, 1], np.int32), 3)
    groups.take(1)
    kept, first = groups.firsts()
    assert kept.tolist() == [2, 1]
    assert first.tolist() == [0, 3]
