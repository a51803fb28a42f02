"""A vector space fitted to what was bought after what."""

from dataclasses import dataclass
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.vectors import VectorSpace
from shelfwise_retriever.dense_build import trained
from shelfwise_retriever.groups import Rows
from shelfwise_retriever.index_table import IndexPlan, plan_for

MODEL = "purchases"
"""The space's name: its vectors are never compared with an encoder's."""


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Vectors of the products with enough behavior; `after` of one product is near `before` of what is bought next.

    A product is found by `before` and queries with `after`; both have unit length.
    """

    rows: Rows  # [m] rows of the products that have a vector, ascending
    before: NDArray[np.float32]  # [m, dimension]
    after: NDArray[np.float32]  # [m, dimension]
    plan: IndexPlan
    index: Any  # faiss.Index over `before`; None when the plan is exact search

    @classmethod
    def none(cls) -> Self:
        """A space without vectors."""
        nothing = np.empty((0, 1), np.float32)
        return cls(np.empty(0, np.int32), nothing, nothing, plan_for(0, 1), None)

    @classmethod
    def of(cls, rows: Rows, before: NDArray[np.float32], after: NDArray[np.float32]) -> Self:
        """A space with a plan and a trained index for these vectors."""
        plan = plan_for(len(rows), before.shape[1])
        index = trained(np.ascontiguousarray(before), plan)
        return cls(rows, before, after, plan, index)

    @property
    def description(self) -> VectorSpace:
        return VectorSpace(model=MODEL, dimension=self.before.shape[1], normalized=True)

    def index_bytes(self) -> NDArray[np.uint8]:
        """The bytes that `faiss.deserialize_index` reads; empty without an index."""
        return np.empty(0, np.uint8) if self.index is None else np.asarray(faiss.serialize_index(self.index), np.uint8)
