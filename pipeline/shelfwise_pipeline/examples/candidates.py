"""The interface to a retriever that this package needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_retriever.behavior import Behavior


class Candidates(Protocol):
    """Candidates in columns, best first by `order`."""

    @property
    def ids(self) -> Sequence[str]: ...
    @property
    def scores(self) -> Mapping[str, NDArray[np.float32]]:
        """The scores by source; NaN where a source did not find the candidate."""
        ...

    @property
    def order(self) -> NDArray[np.float32]: ...


class CandidateSource(Protocol):
    """An in-process retriever. Its rows are in the order of popularity as of the first training moment, or earlier."""

    def corrected(self, text: str, *, apart: bool = True) -> str | None:
        """Return `text` as it was most likely meant, if words of it are misspelled; None if none is. With `apart`, words that
        most titles write as two become two."""
        ...

    def retrieve(
        self,
        *,
        kind: QuestionKind,
        text: str | None = None,
        vector: Any = None,
        seeds: Sequence[str] = (),
        history: History | None = None,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        filter: Filter | None = None,
        limit: int = 100,
    ) -> Candidates: ...


class JudgedSource(CandidateSource, Protocol):
    """A retriever that can use the map learned from judgements."""

    def vectors_of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """[ids, dimension] the products' vectors."""
        ...

    def with_judged(self, meaning: NDArray[np.float32]) -> "JudgedSource":
        """Return a retriever of the same catalog with this map for its `judged` source."""
        ...


class BehavioralSource(JudgedSource, Protocol):
    """A retriever whose behavior can be replaced."""

    @property
    def product_ids(self) -> Sequence[str]:
        """The products' ids in the order of the retriever's rows, for which a behavior is fitted."""
        ...

    def with_behavior(self, behavior: Behavior) -> CandidateSource:
        """Return a retriever of the same catalog with another behavior."""
        ...
