"""The distinct values of an array."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.number)


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """The distinct values of an array of any shape, in ascending order.

    Like `numpy.unique`, which from 2.3 on hashes integers: that takes 5 times as long for 300 of them, 20 times for 300,000.
    """
    rising = np.sort(values, axis=None)
    first = np.ones(len(rising), np.bool_)
    first[1:] = rising[1:] != rising[:-1]
    return rising[first]
