"""`distinct` returns each value once, as numpy's own function does.

The ranker and the retriever have one each, because neither imports the other and the library does not use numpy.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shelfwise_ranker.distinct import distinct as of_ranker
from shelfwise_retriever.distinct import distinct as of_retriever

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("distinct", [of_ranker, of_retriever], ids=["ranker", "retriever"])
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
def test_distinct_equals_numpy_unique_and_leaves_its_input_unchanged(distinct: Callable[..., Any], values: np.ndarray) -> None:
    before = values.copy()
    found = distinct(values)
    np.testing.assert_array_equal(found, np.unique(values), strict=True)
    np.testing.assert_array_equal(values, before)
