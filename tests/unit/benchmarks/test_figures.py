"""Percentiles and ratios."""

import pytest

from benchmarks.figures import percentile, range_of_ratios, ratio_of_medians


@pytest.mark.parametrize(("percent", "expected"), [(1, 1.0), (50, 50.0), (99, 99.0), (99.5, 100.0), (100, 100.0)], ids=str)
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, percent) == expected


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 1) == percentile([7.0], 99) == 7.0


def test_percentile_is_always_one_of_the_values() -> None:
    assert percentile([1.0, 2.0], 50) == 1.0
    assert percentile([1.0, 2.0], 51) == 2.0


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)], ids=str)
def test_percentile_rejects_empty_values_and_percents_out_of_range(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        percentile(values, percent)


def test_one_bad_round_does_not_move_the_ratio_but_shows_in_its_range() -> None:
    ours, theirs = [600.0, 610.0, 100.0], [100.0, 102.0, 98.0]
    assert ratio_of_medians(ours, theirs) == 6.0
    low, high = range_of_ratios(ours, theirs)
    assert low == pytest.approx(100 / 98)
    assert high == 6.0


def test_ratios_need_the_same_number_of_rounds_of_both() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        range_of_ratios([1.0, 2.0], [1.0])
