"""Retrieves the candidates of questions."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter
from shelfwise_pipeline.examples.candidates import Candidates, CandidateSource
from shelfwise_pipeline.examples.question import Grades, Question
from shelfwise_ranker.features.request import sources_of
from shelfwise_ranker.products import ProductTable, Rows

Encode = Callable[[list[str]], NDArray[np.float32]]
"""Turns query texts into unit vectors, [texts, dimension]."""

LIMIT = 50
"""Candidates requested from each source for `text` and `product` questions, as by the gateway."""

BEHAVIORAL_LIMIT = 100
"""Candidates requested from each source for `together` and `user` questions. There the sources agree less, and what none of
them finds is lost."""

IN_STOCK = Filter(in_stock=True)


@dataclass(frozen=True)
class Retrieved:
    """A question's candidates, best first in the retriever's order."""

    question: Question
    rows: Rows
    scores: NDArray[np.float32]  # [candidates, sources of the kind]
    order: NDArray[np.float32]
    grades: Grades


class Retrieving:
    """Asks the retriever for products in stock, as scenarios do, and leaves out those that did not exist yet at the question's
    moment."""

    def __init__(self, source: CandidateSource, encode: Encode, table: ProductTable, threads: int = 2) -> None:
        self._source = source
        self._encode = encode
        self._table = table
        self._threads = threads

    def over(self, source: CandidateSource) -> "Retrieving":
        """Return the same object for another retriever of the same catalog."""
        other = copy(self)
        other._source = source
        return other

    def retrieve(
        self, questions: Sequence[Question], advance: Callable[[int], None] = lambda done: None, limit: int = LIMIT
    ) -> list[Retrieved]:
        """Return the candidates of each question, spelling corrected, in order, with `limit` requested from each source.
        `advance` is called with the number of questions done."""
        questions = [self.as_meant(question) for question in questions]
        texts = list(dict.fromkeys(question.text for question in questions if question.text is not None))
        vectors = dict(zip(texts, self._encode(texts), strict=True)) if texts else {}
        found: list[Retrieved] = []
        with ThreadPoolExecutor(self._threads, thread_name_prefix="retrieve") as threads:
            for done, one in enumerate(threads.map(lambda question: self._one(question, vectors, limit), questions), start=1):
                found.append(one)
                advance(done)
        return found

    def as_meant(self, question: Question) -> Question:
        """Return the question with its spelling corrected, as the gateway asks it."""
        if question.text is None:
            return question
        meant = self._source.corrected(question.text, apart=question.listed is None)
        return question if meant is None else replace(question, text=meant)

    def _one(self, question: Question, vectors: dict[str, NDArray[np.float32]], limit: int) -> Retrieved:
        found = self._found(question, vectors, limit)
        rows = self._table.rows(found.ids)
        created = self._table.created_at[rows]
        # A product without a date is taken to have always existed. A product dated at the question's own moment is left out,
        # too: in a shop that dates products by their first sale, it would give the answer away.
        keep = (rows >= 0) & ~(created >= question.moment)
        rows = rows[keep]
        missing = np.full(len(keep), np.nan, dtype=np.float32)
        scores = np.stack([np.asarray(found.scores.get(name, missing))[keep] for name in sources_of(question.kind)], axis=1)
        return Retrieved(
            question, rows, scores.astype(np.float32), np.asarray(found.order, np.float32)[keep], question.grade(rows)
        )

    def _found(self, question: Question, vectors: dict[str, NDArray[np.float32]], limit: int) -> Candidates:
        ids = self._table.ids
        if question.text is not None:
            return self._source.retrieve(
                kind="text",
                text=question.text,
                vector=vectors[question.text],
                only=None if question.listed is None else [ids[row] for row in question.listed],
                filter=IN_STOCK,
                limit=limit,
            )
        if question.kind == "product":
            seed = ids[question.seed]
            return self._source.retrieve(kind="product", seeds=(seed,), exclude=(seed,), filter=IN_STOCK, limit=limit)
        return self._source.retrieve(
            kind=question.kind,
            seeds=[ids[row] for row in question.seeds],
            history=question.history,
            exclude=[ids[row] for row in question.exclude],
            filter=IN_STOCK,
            limit=BEHAVIORAL_LIMIT,
        )


def with_answer(retrieved: Iterable[Retrieved]) -> list[Retrieved]:
    """Return those whose candidates differ in grade; the others cannot teach an order."""
    return [one for one in retrieved if len(one.grades) and one.grades.min() < one.grades.max()]
