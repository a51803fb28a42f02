"""Each value once, as numpy's own function has it."""

import numpy as np
import pytest

from shelfwise_ranker.distinct import distinct

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize(
    "values",
    [
        np.empty(0, np.int32),
        np.array([3], np.int64),
        RANDOM.integers(-9, 9, 200).astype(np.int32),
        RANDOM.integers(0, 2, (5, 7)),
        RANDOM.integers(0, 9, 50) / 2,
    ],
)
def test_it_is_numpys_unique(values: np.ndarray) -> None:
    before = values.copy()
    found = distinct(values)
    np.testing.assert_array_equal(found, np.unique(values), strict=True)
    np.testing.assert_array_equal(values, before)
