"""Turns a request into the question that sources understand."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise.errors import InvalidRequest
from shelfwise_retriever.amounts import without_amounts
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.distinct import distinct
from shelfwise_retriever.groups import RowGroups, Rows, Scores
from shelfwise_retriever.past import Past
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.vectors import Vectors

_LAST_PRODUCTS = 30
_KEEP = 0.9
"""The dense source searches with the mean of the history's last products; each earlier moment weighs `_KEEP` times the next."""


class Asking:
    """Looks up the rows, vectors and titles of the products that a question names."""

    def __init__(self, catalog: Catalog, vectors: Vectors, texts: RowGroups) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._texts = texts

    def question(
        self,
        kind: QuestionKind,
        text: str | None,
        vector: NDArray[np.float32] | None,
        seeds: Sequence[str],
        history: History | None,
        as_meant: Collection[str] = (),
    ) -> Question:
        """The question; raises what `Retriever.retrieve` documents for a question."""
        past = Past.of(history, self._catalog) if history is not None else None
        if kind == "text":
            self._require_asked(text, vector)
            return Question(text, None if vector is None else self._fitting(vector), past=past, as_meant=as_meant)
        if kind == "user":
            return Question(None, self._wish(past), past=past)
        rows = self._seeds(kind, seeds)
        texts = distinct(self._texts.of_row[rows]).astype(np.int64)
        titles = " ".join(without_amounts(self._catalog.titles[row]) for row in rows.tolist())
        return Question(titles, self._vectors.mean(texts), rows, past)

    def _require_asked(self, text: str | None, vector: NDArray[np.float32] | None) -> None:
        if text is None and vector is None:
            raise InvalidRequest("expected text, vector or both for a question of kind 'text', found neither")

    def _fitting(self, vector: NDArray[np.float32]) -> Scores:
        vector = np.ascontiguousarray(vector, np.float32).reshape(-1)
        if len(vector) != self._vectors.dimension:
            raise InvalidRequest(f"expected a vector of {self._vectors.dimension} numbers, found {len(vector)}")
        return vector

    def _seeds(self, kind: QuestionKind, seeds: Sequence[str]) -> Rows:
        if not seeds:
            raise InvalidRequest(f"expected seeds for a question of kind {kind!r}, found none; send at least one product id")
        if kind == "together":
            # A cart may hold products that the shop no longer sells; the rest of it still says enough.
            known = [row for seed in seeds if (row := self._catalog.find(seed)) is not None]
            if known:
                return np.array(list(dict.fromkeys(known)), np.int32)
        return np.array(list(dict.fromkeys(self._catalog.row(seed) for seed in seeds)), np.int32)

    def _wish(self, past: Past | None) -> Scores | None:
        """The mean of the last products' vectors."""
        if past is None or not len(past):
            return None
        rows: Rows = past.rows[:_LAST_PRODUCTS]
        return self._vectors.mean(self._texts.of_row[rows].astype(np.int64), past.recent(_KEEP)[: len(rows)])
