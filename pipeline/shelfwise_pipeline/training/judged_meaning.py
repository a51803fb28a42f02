"""Similarity as judges see it: a bilinear form of the vectors of query and product, learned from graded lists.

To the encoder, "ladder" and "ladder rack" are near; the judges of a ladder shop's answers say that they are not. The form is a
map of the query's vector, so that the mapped query can be looked up among the products' vectors like any other. It is fitted by
ridge regression on gains minus their list's mean, together with the text score, so that it explains what that score does not.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.question import gains
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.features.request import SOURCES

RIDGE = 30.0
STEPS = 12
"""Steps of conjugate gradients. More of them fit the training lists, but not new queries."""

Matrix = NDArray[np.float32]


def learn_meaning(judged: Sequence[Retrieved], queries: Matrix, products: Sequence[Matrix]) -> Matrix:
    """Return the map M, [dimension, dimension]: a product's expected grade rises with (query @ M) · product.

    `queries`: [lists, dimension]; `products`: [candidates, dimension] for each list.
    """
    sizes = np.array([len(one.rows) for one in judged], dtype=np.int64)
    lists, starts = np.repeat(np.arange(len(judged)), sizes), np.cumsum(sizes) - sizes

    def centred(values: Matrix) -> Matrix:
        mean = np.add.reduceat(values, starts, axis=0) / sizes.reshape(-1, *([1] * (values.ndim - 1)))
        return np.asarray(values - mean[lists], dtype=np.float32)

    vectors = centred(np.concatenate(products))
    # Fitted together with the map: the encoder's cosine and the text score.
    sources = centred(np.nan_to_num(np.concatenate([one.scores[:, : len(SOURCES)] for one in judged])))
    deviation = np.where((spread := sources.std(axis=0)) > 0, spread, 1.0).astype(np.float32)
    sources /= deviation
    wanted = centred(np.concatenate([gains(one.grades) for one in judged]).astype(np.float32))

    def forward(form: Matrix, weights: Matrix) -> Matrix:
        mapped = queries @ form
        return np.asarray(np.einsum("nd,nd->n", mapped[lists], vectors) + sources @ weights, dtype=np.float32)

    def backward(errors: Matrix) -> tuple[Matrix, Matrix]:
        return queries.T @ np.add.reduceat(vectors * errors[:, None], starts, axis=0), sources.T @ errors

    dimension = queries.shape[1]
    form, weights = np.zeros((dimension, dimension), np.float32), np.zeros(len(SOURCES), np.float32)
    left, left_weights = backward(wanted)
    direction, direction_weights = left.copy(), left_weights.copy()
    length = float(np.vdot(left, left) + left_weights @ left_weights)
    for _ in range(STEPS):
        if length <= 0:
            break
        moved, moved_weights = backward(forward(direction, direction_weights))
        moved += RIDGE * direction
        moved_weights += direction_weights
        step = length / float(np.vdot(direction, moved) + direction_weights @ moved_weights)
        form += step * direction
        weights += step * direction_weights
        left -= step * moved
        left_weights -= step * moved_weights
        length, before = float(np.vdot(left, left) + left_weights @ left_weights), length
        direction = left + length / before * direction
        direction_weights = left_weights + length / before * direction_weights
    form[np.diag_indices(dimension)] += weights[SOURCES.index("dense")] / deviation[SOURCES.index("dense")]
    return form
