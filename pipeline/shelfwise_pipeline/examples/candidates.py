"""What this package asks of a retriever."""

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
        """By source, NaN where it did not find the candidate."""
        ...

    @property
    def order(self) -> NDArray[np.float32]: ...


class CandidateSource(Protocol):
    """A retriever, in process. Its rows are in the order of popularity as of the first training moment, or earlier."""

    def corrected(self, text: str, *, apart: bool = True) -> str | None:
        """`text` as it was most likely meant, when words of it are misspelt; None when none is. `apart`: also what most titles
        write as two words."""
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
    """A retriever that can be told what judges mean by near."""

    def vectors_of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """[ids, dimension]"""
        ...

    def with_judged(self, meaning: NDArray[np.float32]) -> "JudgedSource":
        """The same catalog, with the map that judgements taught."""
        ...


class BehavioralSource(JudgedSource, Protocol):
    """A retriever that can be told anew what shoppers did."""

    @property
    def product_ids(self) -> Sequence[str]:
        """In the order of its rows, which is the order a behavior is fitted for."""
        ...

    def with_behavior(self, behavior: Behavior) -> CandidateSource:
        """The same catalog with another knowledge of what shoppers did."""
        ...
