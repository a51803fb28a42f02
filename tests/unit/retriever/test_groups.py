"""Row groups: a document that was found stands for all rows that share it."""

import numpy as np
import pytest

from shelfwise_retriever.groups import RowGroups, places_within

# group 0: rows 0, 3, 5; group 1: rows 1, 4; group 2: row 2
GROUPS = RowGroups.of(np.array([0, 1, 2, 0, 1, 0], np.int32), 3)


def expanded(groups: list[int], scores: list[float], limit: int, **more: object) -> list[tuple[int, float]]:
    rows, found = GROUPS.expand(np.array(groups, np.int64), np.array(scores, np.float32), limit, **more)  # type: ignore[arg-type]
    return [(int(row), float(score)) for row, score in zip(rows, found, strict=True)]


def test_a_group_is_expanded_to_its_rows_in_row_order() -> None:
    assert expanded([0, 2], [2, 1], 10) == [(0, 2), (3, 2), (5, 2), (2, 1)]


def test_expanded_rows_are_cut_at_the_limit() -> None:
    assert expanded([0, 2], [2, 1], 2) == [(0, 2), (3, 2)]


def test_groups_that_tie_are_merged_in_row_order() -> None:
    assert expanded([1, 0], [2, 2], 3) == [(0, 2), (1, 2), (3, 2)]


def test_a_tie_with_the_last_needed_group_is_not_cut_off() -> None:
    assert expanded([1, 2, 0], [3, 1, 1], 3) == [(1, 3), (4, 3), (0, 1)]


def test_groups_are_expanded_only_to_rows_in_the_mask() -> None:
    mask = np.array([False, True, True, True, True, False])
    assert expanded([0, 1], [2, 1], 2, mask=mask, barred=2) == [(3, 2), (1, 1)]
    assert expanded([0, 1], [2, 1], 2, mask=mask, barred=None) == [(3, 2), (1, 1)]


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_the_first_rows_in_the_mask_of_each_group_are_kept_up_to_the_cap(cap: int) -> None:
    draw = np.random.default_rng(cap)
    of_row, mask = draw.integers(0, 5, 200).astype(np.int32), draw.random(200) < 0.1
    mask[of_row == 4] = False
    scores = np.array([5, 4, 3, 2, 1], np.float32)
    rows, found = RowGroups.of(of_row, 5).expand(np.arange(5), scores, 100, mask, cap=cap)
    kept = [np.flatnonzero((of_row == group) & mask)[:cap].tolist() for group in range(5)]
    assert rows.tolist() == [row for of_group in kept for row in of_group]
    assert found.tolist() == scores[of_row[rows]].tolist()


def test_having_finds_the_groups_with_a_row_in_the_mask() -> None:
    assert GROUPS.having(np.array([False, False, True, True, False, False])).tolist() == [True, False, True]


def test_no_groups_are_expanded_to_no_rows() -> None:
    assert expanded([], [], 10) == []


@pytest.mark.parametrize(
    ("groups", "places"),
    [([], []), ([7], [0]), ([5, 2, 5, 5, 2, 9], [0, 0, 1, 2, 1, 0])],
)
def test_places_within_a_group_count_from_the_front(groups: list[int], places: list[int]) -> None:
    assert places_within(np.array(groups, np.int32)).tolist() == places
