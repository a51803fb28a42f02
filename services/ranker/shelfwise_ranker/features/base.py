"""The interface of a feature."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.features.request import FeatureRequest

Columns = NDArray[np.float32]
"""[candidates, columns of one feature]; a view into the request's matrix. NaN means "not known"; the trees handle it."""


class Feature(ABC):
    """One or a few columns that share their work.

    A feature has no state. `inputs` names the attributes of `FeatureRequest` that it reads. It calls numpy a fixed number of
    times, however many candidates there are.
    """

    family: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    inputs: ClassVar[frozenset[str]]
    rising: ClassVar[frozenset[str]] = frozenset()
    """Columns whose increase must never lower a score. Trees cannot learn the opposite from noise, which keeps the model sane
    for queries unlike those it was trained on."""

    @abstractmethod
    def compute(self, request: FeatureRequest, out: Columns) -> None:
        """Write every column of every candidate into `out`."""
