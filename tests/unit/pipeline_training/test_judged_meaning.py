"""Similarity as judges see it, learned from graded lists."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_pipeline.training.judged_meaning import learn_meaning

DIMENSION, LISTS = 8, 400


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def listed(scores: NDArray[np.float32], grades: NDArray[np.float32]) -> Retrieved:
    question = Question("text", 1.0, "any", NOBODY, lambda rows: np.zeros(len(rows), np.int8))
    count = len(grades)
    return Retrieved(question, np.arange(count, dtype=np.int32), scores, np.zeros(count, np.float32), grades)


def test_learn_meaning_recovers_the_map_behind_the_grades() -> None:
    draw = np.random.default_rng(3)
    queries = unit(draw.standard_normal((LISTS, DIMENSION)))
    products = [unit(draw.standard_normal((draw.integers(4, 9), DIMENSION))) for _ in range(LISTS)]
    swapped = np.eye(DIMENSION, dtype=np.float32)[::-1]  # what is asked for in one direction is found in another
    judged = []
    for query, vectors in zip(queries, products, strict=True):
        near = vectors @ (query @ swapped)
        grades = np.log2(1 + np.clip(1.5 + 1.5 * near, 0, 7)).astype(np.float32)
        scores = np.stack([vectors @ query, np.full(len(near), np.nan), np.full(len(near), np.nan)], axis=1)
        judged.append(listed(scores, grades))
    meaning = learn_meaning(judged, queries, products)
    assert meaning.shape == (DIMENSION, DIMENSION)
    likeness = np.vdot(meaning, swapped) / (np.linalg.norm(meaning) * np.linalg.norm(swapped))
    assert likeness > 0.95
    assert np.vdot(meaning, np.eye(DIMENSION)) / np.linalg.norm(meaning) < 0.3


def test_lists_whose_grades_do_not_differ_teach_nothing() -> None:
    vectors = unit(np.random.default_rng(1).standard_normal((3, DIMENSION)))
    one = listed(np.zeros((3, 3), np.float32), np.ones(3, np.float32))
    assert not learn_meaning([one], vectors[:1], [vectors]).any()
