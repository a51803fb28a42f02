"""Turns candidates into the feature matrix that a model learns from, with the code that serves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.question import Grades, HistoryAt
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest, sources_of
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable

BY_VECTOR = frozenset({"dense", "judged"})
"""The sources of text questions that find nothing when the embedder is down."""

KEPT_BYTES = 256 * 1024**2
"""Statistics of a million products at one moment take 50 MB, and a long history has a hundred windows."""

BehaviorAt = Callable[[float], BehaviorStats]
"""Returns the behavior known at a moment."""


@dataclass(frozen=True)
class ExampleSet:
    """Questions one after the other. `sizes`, [questions], has the number of candidates of each."""

    kind: QuestionKind
    matrix: NDArray[np.float32]  # [candidates of all questions, columns]
    grades: NDArray[np.float32]  # [candidates of all questions]
    sizes: NDArray[np.int64]

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """The places of the first and one past the last candidate of each question."""
        ends = np.cumsum(self.sizes)
        return list(zip((ends - self.sizes).tolist(), ends.tolist(), strict=True))


def joined(sets: Sequence[ExampleSet]) -> ExampleSet:
    """Concatenate the sets: at least one, all of the same kind."""
    return ExampleSet(
        sets[0].kind,
        np.concatenate([one.matrix for one in sets]),
        np.concatenate([one.grades for one in sets]),
        np.concatenate([one.sizes for one in sets]),
    )


def telling(examples: ExampleSet) -> ExampleSet:
    """Return the questions whose candidates differ in grade; the others cannot teach an order."""
    kept = [
        examples.grades[start:stop].min(initial=9) < examples.grades[start:stop].max(initial=0)
        for start, stop in examples.bounds
    ]
    of_candidate = np.repeat(np.array(kept, dtype=bool), examples.sizes)
    return ExampleSet(
        examples.kind, examples.matrix[of_candidate], examples.grades[of_candidate], examples.sizes[np.array(kept, dtype=bool)]
    )


def thinned(examples: ExampleSet, false_answers: int, seed: int) -> ExampleSet:
    """Return all right answers and, of each question's wrong ones, at most `false_answers`, drawn at random."""
    draw = np.random.default_rng([seed, len(examples.sizes)])
    kept, sizes = [], []
    for start, stop in examples.bounds:
        right = start + np.flatnonzero(examples.grades[start:stop])
        wrong = start + np.flatnonzero(examples.grades[start:stop] == 0)
        places = np.sort(np.concatenate([right, draw.permutation(wrong)[:false_answers]]))
        kept.append(places)
        sizes.append(len(places))
    rows = np.concatenate(kept) if kept else np.empty(0, np.int64)
    return ExampleSet(examples.kind, examples.matrix[rows], examples.grades[rows], np.array(sizes, dtype=np.int64))


class WindowedBehavior:
    """Statistics recomputed at the start of every window, as in a shop that builds once per window.

    The most recently used ones are kept: as many as fit into KEPT_BYTES, and at least two.
    """

    def __init__(self, table: ProductTable, log: EventLog, start: float, window_s: float) -> None:
        self._table = table
        self._log = log
        self._start = start
        self._window_s = window_s
        self._made: dict[int, BehaviorStats] = {}

    def __call__(self, moment: float) -> BehaviorStats:
        """Return the statistics as of the start of the moment's window, so of events strictly before the moment."""
        window = int((moment - self._start) // self._window_s)
        made = self._made.pop(window, None)
        if made is None:
            made = BehaviorStats.compute(self._table, self._log, self._start + window * self._window_s)
        self._made[window] = made
        while len(self._made) > max(2, KEPT_BYTES // made.values.nbytes):
            del self._made[next(iter(self._made))]
        return made


def featurize(
    kind: QuestionKind,
    retrieved: Sequence[Retrieved],
    table: ProductTable,
    behavior_at: BehaviorAt,
    *,
    habits: HabitStats | None = None,
    history_at: HistoryAt | None = None,
    without_dense: float = 0.0,
    seed: int = 0,
) -> ExampleSet:
    """Compute the feature matrix of all candidates of all questions, in the order given. The questions are processed in the
    order of their moments.

    `habits`: what was known before every question; empty when None. `history_at`: what is known of the asker; each question's
    own history when None. `without_dense`: the share of questions without the sources by vector (BY_VECTOR), so that a model
    learns to rank when the embedder is down.
    """
    without = np.random.default_rng([seed, len(retrieved)]).random(len(retrieved)) < without_dense
    sources = sources_of(kind)
    by_vector = np.array([name in BY_VECTOR for name in sources])
    habits = habits or HabitStats.empty(table)
    made: dict[int, tuple[NDArray[np.float32], Grades]] = {}
    for place in sorted(range(len(retrieved)), key=lambda place: retrieved[place].question.moment):
        one = retrieved[place]
        rows, scores, grade = one.rows, one.scores, one.grades
        if without[place]:
            left = ~np.isnan(scores[:, ~by_vector]).all(axis=1)
            if grade[left].any():
                rows, scores, grade = rows[left], scores[left].copy(), grade[left]
                scores[:, by_vector] = np.nan
        question = one.question
        request = FeatureRequest.of(
            kind,
            question.text,
            question.seed_rows,
            rows,
            {name: scores[:, column] for column, name in enumerate(sources)},
            table=table,
            behavior=behavior_at(question.moment),
            habits=habits,
            now=question.moment,
            history=question.history if history_at is None else history_at(question),
        )
        made[place] = registry.matrix(request), grade
    matrices, grades = zip(*(made[place] for place in range(len(made))), strict=True) if made else ((), ())
    width = len(registry.names(kind))
    return ExampleSet(
        kind,
        np.concatenate(matrices) if matrices else np.empty((0, width), np.float32),
        np.concatenate(grades).astype(np.float32) if grades else np.empty(0, np.float32),
        np.array([len(grade) for grade in grades], dtype=np.int64),
    )
