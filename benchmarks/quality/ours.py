"""Shelfwise as a system under test: the seam between this harness and the product.

The harness needs only `ours(task)`. To test more of the product, change what it returns: any object with `name`
("shelfwise"), `fit(known)` and `rank(questions, depth)`; see protocol.System. Rules:

- `fit` may use everything in `Known` and nothing else. `Known` has only what was known at `known.moment`. `labels_from` and
  `validation_from` bound the periods that a trained model predicts and is chosen on. `known.judgements` never has a held-out
  query.
- `rank` answers each question alone, at its `asked_at` or otherwise at `known.moment` (it reads no clock), through the code
  that answers requests.
- `question.candidates` is a caller's list: return all of it, in the best order. Never return products of `question.exclude`.
- If the product does not answer a kind of question, return None for its task. The report then says so.

At present it covers texts (retrieval and a caller's list), seeds (what is bought with them) and users. It uses the retriever
and the ranker with a bundle from the function that `shelfwise build` uses (`bundle.py`).
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.places import CACHE
from benchmarks.quality.bundle import LastBundle, Opened, RealEncoder, build_and_open
from benchmarks.quality.protocol import Known, Question, Ranking, System
from benchmarks.quality.shoppers import Shoppers
from benchmarks.quality.task import Task
from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_gateway.flow import PER_SHOWN
from shelfwise_pipeline.building.parts import EncoderBuild
from shelfwise_pipeline.evaluation.rows import OURS
from shelfwise_pipeline.examples.retrieving import BEHAVIORAL_LIMIT
from shelfwise_pipeline.training.plan import BEHAVIORAL_KINDS, THOROUGH, Plan

LEAST = 50
"""Least number of candidates to ask each source for, as in the search scenario."""

FOR_TEXTS = Plan(behavioral=300, windows=2)
FOR_BEHAVIOR = replace(THOROUGH, train=300, catalog=300, trials=4, counted=1.0)
"""Questions come up to a month after the last known event and are answered with the counts up to that event. Training examples
are, too. Kinds of questions that a task does not ask are learned briefly or not at all. Shoppers and baskets are trained as in
a build with SHELFWISE_TUNING_S, texts as in a build with SHELFWISE_TUNE_ENCODER."""


def ours(
    task: Task,
    last: LastBundle | None = None,
    *,
    tune: bool = True,
    real: RealEncoder = RealEncoder(),  # noqa: B008 - frozen
) -> System | None:
    """Shelfwise for the questions of `task`; it answers every present kind. `last`: see Shelfwise. `tune`: for a task with text
    questions, whether to tune the encoder `real` on the judgements."""
    asked = {_kind(question) for question in task.questions}
    if "text" in asked:
        return Shelfwise(plan=FOR_TEXTS, last=last, tune=tune, real=real)
    kinds = tuple(kind for kind in BEHAVIORAL_KINDS if kind in asked)
    return Shelfwise(plan=replace(FOR_BEHAVIOR, kinds=kinds), last=last, real=real)


class Shelfwise:
    """Retriever and ranker in this process. `last`: the previous task's bundle, which is used if it is from the same knowledge
    and plan. `make_encoder`, `tune`, `real`: see build_and_open."""

    name = OURS

    def __init__(
        self,
        make_encoder: EncoderBuild | None = None,
        plan: Plan | None = None,
        last: LastBundle | None = None,
        tune: bool = False,
        real: RealEncoder = RealEncoder(),  # noqa: B008 - frozen
    ) -> None:
        self._make_encoder = make_encoder
        self._real = real
        self._plan = plan
        self._tune = tune
        self._last = last or LastBundle()
        self._opened: Opened | None = None
        self._shoppers = Shoppers.nobody()
        self._now = 0.0

    @property
    def opened(self) -> Opened:
        """The bundle that `fit` made.

        Raises:
            RuntimeError: `fit` was not called.
        """
        if self._opened is None:
            raise RuntimeError("expected fit() before rank(), found no bundle; call fit first")
        return self._opened

    def fit(self, known: Known) -> None:
        """Build a bundle from `known`, and open it."""
        self._opened = self._last.of(known, self._plan, lambda: self._built(known))
        self._shoppers = Shoppers.of(known.events)
        self._now = known.moment.timestamp() if known.moment is not None else 0.0

    def _built(self, known: Known) -> Opened:
        (CACHE / "quality").mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="bundle-", dir=CACHE / "quality"))
        try:
            return build_and_open(known, folder, self._make_encoder, self._plan, tune=self._tune, real=self._real)
        finally:
            shutil.rmtree(folder)

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """See System.

        Raises:
            RuntimeError: `fit` was not called.
        """
        opened = self.opened
        questions = [self._as_meant(opened, one) for one in questions]
        texts = list(dict.fromkeys(one.text for one in questions if one.text is not None))
        vectors = dict(zip(texts, opened.query_vectors(texts), strict=True)) if texts else {}
        return [self._answer(opened, one, vectors, depth) for one in questions]

    @staticmethod
    def _as_meant(opened: Opened, one: Question) -> Question:
        """The question with corrected spelling, as the gateway asks it."""
        if one.text is None:
            return one
        meant = opened.retriever.corrected(one.text, apart=one.candidates is None)
        return one if meant is None else replace(one, text=meant)

    def _answer(self, opened: Opened, one: Question, vectors: dict[str, NDArray[np.float32]], depth: int) -> Ranking:
        kind = _kind(one)
        now = one.asked_at.timestamp() if one.asked_at is not None else self._now
        history = self._shoppers.history(one.user, now) if one.user is not None else None
        found = opened.retriever.retrieve(
            kind=kind,
            text=one.text,
            vector=vectors[one.text] if one.text is not None else None,
            seeds=one.seeds,
            history=history,
            filter=one.filter,
            exclude=one.exclude,
            only=one.candidates,
            limit=BEHAVIORAL_LIMIT if kind in BEHAVIORAL_KINDS else max(LEAST, PER_SHOWN * depth),
        )
        if not found.ids:
            return []
        request = RankRequest(
            kind=kind,
            text=one.text,
            seeds=list(one.seeds),
            history=history,
            ids=found.ids,
            listed=one.candidates is not None,
            scores=_as_sent(found.scores),
        )
        scores = np.asarray(opened.ranker.rank(request, now).response.scores)
        # Products of equal score keep the retriever's order.
        return [found.ids[place] for place in np.argsort(-scores, kind="stable")][:depth]


def _kind(one: Question) -> QuestionKind:
    if one.text is not None:
        return "text"
    return "user" if one.user is not None else "together"


def _as_sent(scores: dict[str, NDArray[np.float32]]) -> dict[str, list[float | None]]:
    return {source: [None if np.isnan(score) else float(score) for score in column] for source, column in scores.items()}
