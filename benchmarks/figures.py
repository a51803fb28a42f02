"""The few statistics that the reports use."""

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank); `values` in any order.

    Raises:
        ValueError: no values, or `percent` outside of (0, 100].
    """
    if not values:
        raise ValueError("expected at least one value, found none")
    if not 0 < percent <= 100:
        raise ValueError(f"expected a percent above 0 and at most 100, found {percent}")
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of `ours` over the median of `theirs`."""
    return median(ours) / median(theirs)


def range_of_ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The smallest and largest ratio among rounds measured one after the other. It shows how far one round can be trusted.

    Raises:
        ValueError: the two have different numbers of rounds.
    """
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return min(ratios), max(ratios)
