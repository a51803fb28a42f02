"""What a feature is."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.features.request import FeatureRequest

Columns = NDArray[np.float32]
"""[candidates, columns of one feature]; a view into the request's matrix. NaN is «not known», and the trees know what to do."""


class Feature(ABC):
    """One or a few columns that share their work.

    A feature has no state: what it needs of a request is named in `inputs` (attributes of `FeatureRequest`), and it calls
    numpy a fixed number of times, however many candidates there are.
    """

    family: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    inputs: ClassVar[frozenset[str]]
    rising: ClassVar[frozenset[str]] = frozenset()
    """Columns of which more must never lower a score. Trees may not learn otherwise from noise, which keeps the model
    sane for queries unlike those it was trained on."""

    @abstractmethod
    def compute(self, request: FeatureRequest, out: Columns) -> None:
        """Write every column of every candidate into `out`."""
