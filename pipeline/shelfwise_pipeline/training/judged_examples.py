"""Candidates of judged queries, and the map of the `judged` source learned from their lists."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.candidates import JudgedSource
from shelfwise_pipeline.examples.from_judgements import TRAIN, VALIDATION, Judged
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.retrieving import Encode, Retrieved, Retrieving, with_answer
from shelfwise_pipeline.training.judged_meaning import learn_meaning
from shelfwise_pipeline.training.plan import Plan
from shelfwise_ranker.features.request import sources_of
from shelfwise_ranker.products import ProductTable

LEAST = 200
"""With fewer judged queries to train on, the day-0 model is the better choice."""

LONG = 400
"""Candidates requested from each source for an answer of a hundred products."""

FOLDS = 5

_JUDGED = sources_of("text").index("judged")

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class JudgedExamples:
    """Candidates of the judged queries that teach and of those that choose, each as lists and as searches.

    The candidates of a teaching query differ in grade. The choosing queries also judge, so they include all queries, whatever
    was found, except for lists with the same grade throughout, for which every order is right.
    """

    teaching_lists: list[Retrieved]
    teaching_searches: list[Retrieved]
    choosing_lists: list[Retrieved]
    choosing_searches: list[Retrieved]
    meaning: Matrix | None
    """[dimension, dimension] for the `judged` source, from all teaching lists; None if they are too few."""

    @property
    def enough(self) -> bool:
        """Whether there are enough judged queries to learn from."""
        return len(self.teaching_lists) >= LEAST

    def taught(self, count: int) -> list[Retrieved]:
        """Return up to `count` teaching searches and lists, half of each, for whatever else is fitted on the training
        questions."""
        return [*self.teaching_searches[: count - count // 2], *self.teaching_lists[: count // 2]]


def fold_of(question: Question) -> int:
    """Return which of the FOLDS folds the question is in. Questions with the same text are in the same fold."""
    return zlib.crc32((question.text or "").encode()) % FOLDS


def retrieve_judged(
    parts: dict[str, Judged],
    retrieving: Retrieving,
    retriever: JudgedSource,
    encode: Encode,
    table: ProductTable,
    plan: Plan,
) -> JudgedExamples:
    """Return the candidates of all lists, and of as many searches as the plan allows.

    The `judged` source's scores for a teaching query are learned from queries of other folds, so that they do not reveal the
    query's own grades.
    """
    teaching, choosing = parts[TRAIN], parts[VALIDATION]
    lists = with_answer(retrieving.retrieve(teaching.listed))
    choosing_listed = [question for question in choosing.listed if len(set(question.best or ())) > 1]
    searched = [retrieving.as_meant(question) for question in teaching.searched[: plan.judged]]
    if len(lists) < LEAST:
        return JudgedExamples(lists, [], [], [], None)
    vectors = _Vectors.of(lists, retriever, encode, table)
    searches: list[Retrieved] = []
    for fold in range(FOLDS):
        others = np.array([fold_of(one.question) != fold for one in lists])
        known = vectors.meaning(others)
        vectors.tell(known, ~others)
        inside = [one for one in searched if fold_of(one) == fold]
        searches += with_answer(_searched(inside, retrieving.over(retriever.with_judged(known))))
    meaning = vectors.meaning(np.ones(len(lists), dtype=bool))
    told = retrieving.over(retriever.with_judged(meaning))
    return JudgedExamples(
        vectors.lists,
        [searches[place] for place in np.random.default_rng(plan.seed).permutation(len(searches)).tolist()],
        told.retrieve(choosing_listed),
        _searched(choosing.searched[: plan.judged_choosing], told),
        meaning,
    )


@dataclass
class _Vectors:
    """Lists with the vectors of their queries, [lists, dimension], and of each list's candidates, [candidates, dimension]."""

    lists: list[Retrieved]
    queries: Matrix
    products: list[Matrix]

    @classmethod
    def of(cls, lists: Sequence[Retrieved], retriever: JudgedSource, encode: Encode, table: ProductTable) -> "_Vectors":
        texts = [one.question.text or "" for one in lists]
        distinct = list(dict.fromkeys(texts))
        vector_of = dict(zip(distinct, encode(distinct), strict=True))
        products = [retriever.vectors_of([table.ids[row] for row in one.rows.tolist()]) for one in lists]
        return cls(list(lists), np.stack([vector_of[text] for text in texts]), products)

    def meaning(self, chosen: NDArray[np.bool_]) -> Matrix:
        """Learn the map from the chosen lists."""
        places = np.flatnonzero(chosen).tolist()
        return learn_meaning(
            [self.lists[place] for place in places], self.queries[chosen], [self.products[place] for place in places]
        )

    def tell(self, meaning: Matrix, chosen: NDArray[np.bool_]) -> None:
        """Set the chosen lists' scores of the `judged` source, computed with `meaning`."""
        for place in np.flatnonzero(chosen).tolist():
            scores = self.lists[place].scores.copy()
            scores[:, _JUDGED] = self.products[place] @ (self.queries[place] @ meaning)
            self.lists[place] = replace(self.lists[place], scores=scores)


def _searched(questions: Sequence[Question], retrieving: Retrieving) -> list[Retrieved]:
    """Retrieve the candidates; those of a long answer (LONG) for every other question."""
    short, long = retrieving.retrieve(questions[::2]), retrieving.retrieve(questions[1::2], limit=LONG)
    return [*short, *long]
