"""Words that cost a product part of its grade: query words that its title lacks, and title words that nobody asked for.

"Replacement", "cover" and "kit" make it another product; "white" and "new" hardly do. Without "ladder", nothing answers "step
ladder"; without "step", much does. How much each word matters is learned from graded lists, by ridge regression on grades minus
their list's mean, together with the sources' scores, so that the words explain what those do not.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.features.query import Query
from shelfwise_ranker.products import ProductTable, WordCosts

RIDGE = 10.0
WORD_SCALE = 0.3
"""The scale of a word relative to a source: single words are trusted less."""

STEPS = 30

Numbers = NDArray[np.int64]


def learn_word_costs(judged: Sequence[Retrieved], table: ProductTable) -> WordCosts:
    """Return how each word of the vocabulary changes the grade when missing and when extra: [vocabulary + 1] each."""
    size = len(table.vocabulary) + 1
    sizes = np.array([len(one.rows) for one in judged], dtype=np.int64)
    lists = np.repeat(np.arange(len(judged)), sizes)
    row, word = _words(judged, table, size)
    scores = np.nan_to_num(np.concatenate([one.scores for one in judged]))
    sources = np.stack([_centred(column, lists, sizes) for column in scores.T], axis=1)
    deviation = sources.std(axis=0)
    sources = sources / np.where(deviation > 0, deviation, 1.0)
    grades = _centred(np.concatenate([one.grades for one in judged]).astype(np.float64), lists, sizes)
    count = len(lists)

    def forward(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        of_words = np.bincount(row, weights=weights[word], minlength=count) * WORD_SCALE
        return _centred(of_words, lists, sizes) + sources @ weights[2 * size :]

    def backward(errors: NDArray[np.float64]) -> NDArray[np.float64]:
        of_words = np.bincount(word, weights=_centred(errors, lists, sizes)[row], minlength=2 * size) * WORD_SCALE
        return np.concatenate([of_words, sources.T @ errors])

    # Conjugate gradients on the normal equations.
    weights = np.zeros(2 * size + sources.shape[1])
    left = backward(grades)
    direction, length = left.copy(), float(left @ left)
    for _ in range(STEPS):
        if length <= 0:
            break
        moved = backward(forward(direction)) + RIDGE**2 * direction
        step = length / float(direction @ moved)
        weights += step * direction
        left -= step * moved
        length, before = float(left @ left), length
        direction = left + length / before * direction
    costs = (weights[: 2 * size] * WORD_SCALE).astype(np.float32)
    return WordCosts(missing=costs[:size], extra=costs[size:])


def _words(judged: Sequence[Retrieved], table: ProductTable, size: int) -> tuple[Numbers, Numbers]:
    """Return the words that each candidate lacks and, with numbers offset by `size`, those that were not asked for, as
    (candidates, words)."""
    span = table.spans["title"]
    rows: list[Numbers] = []
    found: list[Numbers] = []
    start = 0
    for one in judged:
        asked = Query.of_text(one.question.text or "", table).numbers
        title = table.tokens[one.rows, span]
        same = title[None] == asked[:, None, None]
        lacking = np.argwhere(~same.any(axis=2))
        extra = np.argwhere((title > 0) & ~same.any(axis=0))
        rows += [start + lacking[:, 1], start + extra[:, 0]]
        found += [asked[lacking[:, 0]].astype(np.int64), size + title[extra[:, 0], extra[:, 1]].astype(np.int64)]
        start += len(one.rows)
    return np.concatenate(rows), np.concatenate(found)


def _centred(values: NDArray[np.floating], lists: Numbers, sizes: Numbers) -> NDArray[np.float64]:
    """Each value minus its list's mean."""
    mean = np.bincount(lists, weights=values, minlength=len(sizes)) / np.maximum(sizes, 1)
    return np.asarray(values - mean[lists], dtype=np.float64)
