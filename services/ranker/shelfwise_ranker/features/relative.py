"""Values relative to the other candidates of the same request; NaN (not known) is ignored and stays NaN."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]  # [candidates] or [candidates, columns]


def minus_mean(values: Values) -> Values:
    """Each value minus the mean of the known values of its column."""
    total, count = np.add.reduce(values, axis=0), np.int64(len(values) or 1)
    if np.isnan(total).any():  # seldom: some are unknown
        known = values == values
        total = np.add.reduce(np.where(known, values, 0.0), axis=0)
        count = np.maximum(np.add.reduce(known, axis=0), 1)
    return np.asarray(values - total / count, dtype=np.float32)


def minus_best(values: Values) -> Values:
    """Each value minus the largest known value of its column."""
    return np.asarray(values - _best(values, -np.inf), dtype=np.float32)


def height(values: Values) -> Values:
    """0 at the mean of the known values and below, 1 at the largest; 0 where all are equal."""
    return height_above(minus_mean(values))


def height_above(above: Values) -> Values:
    """`height` of values that are already the result of `minus_mean`."""
    return np.asarray(np.maximum(above, 0.0) / _or_infinite(_best(above, 0.0)), dtype=np.float32)


def mean_of_group(values: Values, groups: NDArray[np.integer[Any]]) -> Values:
    """[candidates] the mean of the known `values` of each candidate's group; NaN if the group has none."""
    known = values == values
    # Divide for the few candidates, not for all groups.
    if known.all():
        return np.asarray(np.bincount(groups, weights=values)[groups] / np.bincount(groups)[groups], dtype=np.float32)
    total = np.bincount(groups, weights=np.where(known, values, 0.0))[groups]
    count = np.bincount(groups, weights=known)[groups]
    return np.asarray(total / np.where(count > 0, count, np.nan), dtype=np.float32)


def against_the_others(score: Values, out: Values) -> None:
    """Write [candidates, 4] into `out`: the score, the score minus the mean, minus the best, and its height."""
    out[:, 0] = score
    out[:, 1] = minus_mean(score)
    out[:, 2] = minus_best(score)
    out[:, 3] = height_above(out[:, 1])


def share_of_maximum(values: Values) -> Values:
    """Each value divided by the largest known value of its column; 0 where that is not positive."""
    return np.asarray(values / _or_infinite(_best(values, 0.0)), dtype=np.float32)


def share_of_group(weights: Values, groups: NDArray[np.integer[Any]]) -> Values:
    """[candidates] the share of all `weights` (never NaN) that lies in each candidate's group; 0 if all weights are 0."""
    mass = np.bincount(groups, weights=weights)
    total = mass.sum()
    return np.asarray(mass[groups] / (total if total > 0 else np.inf), dtype=np.float32)


def _best(values: Values, least: float) -> Any:
    """The largest known value of each column, at least `least`."""
    # Reduce one contiguous column after the other: across rows of two or three numbers it takes twice as long.
    return np.fmax.reduce(np.ascontiguousarray(values.T), axis=-1, initial=least)


def _or_infinite(best: Any) -> Any:
    """`best` where it is positive, else infinity, so that a division by it gives 0."""
    if best.ndim:
        return np.where(best > 0, best, np.inf)
    return best if best > 0 else np.inf  # one column: `where` would cost more than everything else


def rank_from_best(values: Values) -> Values:
    """[candidates, columns] one over the rank, 1 for the best; NaN stays NaN, equal values keep the order of the request."""
    count, columns = values.shape
    # NaN sorts last.
    order = np.argsort(-values, axis=0, kind="stable")
    ranks = np.empty((count, columns), dtype=np.float32)
    np.put_along_axis(ranks, order, np.arange(1, count + 1, dtype=np.float32)[:, None], axis=0)
    return np.where(values == values, 1.0 / ranks, np.nan).astype(np.float32)
