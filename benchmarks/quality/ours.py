"""Shelfwise as a system under test: the seam between this harness and the product.

`ours(task)` is all that the harness asks for. To plug in more of the product, change what it returns: any object with `name`
(«shelfwise»), `fit(known)` and `rank(questions, depth)`; see protocol.System. What to hold to:

- `fit` may use everything in `Known` and nothing else. It is handed only what was known at `known.moment`; `labels_from` and
  `validation_from` say which periods a trained model is meant to predict and to be chosen on. `known.judgements` never holds
  a held-out query.
- `rank` answers each question alone, at `known.moment` (no clock), through the code that answers requests.
- `question.candidates` is a caller's list: all of it, in the best order. `question.exclude` must not come back.
- Where the product does not answer a kind of question, return None for its task: the report then says so.

What is plugged in today: questions of kind `text` (retrieval and a caller's list) and seeds, through the retriever and the
ranker over a bundle made by the function that `shelfwise build` makes it by (`bundle.py`). Users are not answered yet.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.places import CACHE
from benchmarks.quality.bundle import Opened, build_and_open, real_encoder
from benchmarks.quality.protocol import OURS, Known, Question, Ranking, System
from benchmarks.quality.task import Task
from shelfwise.contracts.rank import RankRequest
from shelfwise_pipeline.building.parts import EncoderBuild
from shelfwise_retriever.retrieve import Candidates

LEAST, PER_SHOWN = 50, 2
"""Candidates asked of each source, for an answer of any length and for each product shown, as the gateway asks."""


def ours(task: Task) -> System | None:
    """Shelfwise for the questions of `task`; None if it does not answer such questions."""
    return None if any(question.user is not None for question in task.questions) else Shelfwise()


class Shelfwise:
    """Retriever and ranker in this process."""

    name = OURS

    def __init__(self, make_encoder: EncoderBuild = real_encoder) -> None:
        self._make_encoder = make_encoder
        self._opened: Opened | None = None
        self._now = 0.0

    def fit(self, known: Known) -> None:
        """Build a bundle of what is known, and open it."""
        (CACHE / "quality").mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="bundle-", dir=CACHE / "quality"))
        try:
            self._opened = build_and_open(known, folder, self._make_encoder)
        finally:
            shutil.rmtree(folder)
        self._now = known.moment.timestamp() if known.moment is not None else 0.0

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """See System.

        Raises:
            RuntimeError: `fit` was not called.
        """
        if self._opened is None:
            raise RuntimeError("expected fit() before rank(), found no bundle; call fit first")
        opened = self._opened
        texts = list(dict.fromkeys(one.text for one in questions if one.text is not None))
        vectors = dict(zip(texts, opened.query_vectors(texts), strict=True)) if texts else {}
        return [self._answer(opened, one, vectors, depth) for one in questions]

    def _answer(self, opened: Opened, one: Question, vectors: dict[str, NDArray[np.float32]], depth: int) -> Ranking:
        limit = max(LEAST, PER_SHOWN * depth)
        if one.text is not None:
            found = opened.retriever.retrieve(
                kind="text",
                text=one.text,
                vector=vectors[one.text],
                filter=one.filter,
                exclude=one.exclude,
                only=one.candidates,
                limit=limit,
            )
        else:
            found = opened.retriever.retrieve(kind="product", seeds=one.seeds, exclude=one.exclude, limit=limit)
        return ranked(opened, one, found, self._now)[:depth]


def ranked(opened: Opened, one: Question, found: Candidates, now: float) -> Ranking:
    """The candidates in the ranker's order; of equal scores the retriever's first."""
    if not found.ids:
        return []
    request = RankRequest(
        kind="text" if one.text is not None else "product",
        text=one.text,
        seeds=list(one.seeds),
        ids=found.ids,
        scores={
            source: [None if np.isnan(score) else float(score) for score in column] for source, column in found.scores.items()
        },
    )
    scores = np.asarray(opened.ranker.rank(request, now).response.scores)
    return [found.ids[place] for place in np.argsort(-scores, kind="stable")]
