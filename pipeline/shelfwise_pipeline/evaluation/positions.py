"""How far down shoppers look, and the value of an order with that taken into account."""

from collections.abc import Sequence

import lightgbm
import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.question import Grades, gains

CORRECTED = "dcg@10, positions corrected"

LEAST = 0.05
"""No click counts more than twenty times as much as one at the top, however rarely anyone looks there."""

TREES = 60
SAMPLE = 4_000
SEED = 20_170_801

PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 50,
    "feature_fraction_bynode": 0.5,  # so that the position is not drowned by the features that determined the order
    "num_threads": 1,
    "deterministic": True,
    "seed": SEED,
    "verbosity": -1,
}


def attention(
    matrix: NDArray[np.float32], positions: NDArray[np.int32], chosen: NDArray[np.bool_], last: int
) -> NDArray[np.float64]:
    """[last + 1] how often each position is looked at, relative to the first; positions from `last` on count as one.

    A model learns which of the candidates [n, columns] were chosen, from their features and positions. Then it scores the same
    candidates at every position, so that the remaining differences do not come from what was shown there. The result never
    rises on the way down.
    """
    shown = np.column_stack([matrix, np.minimum(positions, last)])
    data = lightgbm.Dataset(shown, label=chosen.astype(np.float32))
    model = lightgbm.train(PARAMETERS, data, num_boost_round=TREES)
    draw = np.random.default_rng(SEED)
    sample = shown[draw.permutation(len(shown))[:SAMPLE]]
    rates = np.empty(last + 1)
    for position in range(last + 1):
        sample[:, -1] = position
        rates[position] = np.mean(np.asarray(model.predict(sample, num_threads=1)))
    falling = np.minimum.accumulate(rates)
    return np.asarray(np.maximum(falling / falling[0], LEAST), np.float64)


def corrected_values(
    scores: Sequence[NDArray[np.float64]], grades: Sequence[Grades], seen: Sequence[NDArray[np.float64]], k: int = 10
) -> NDArray[np.float64]:
    """[questions] each question's contribution to the value of an order; the mean is 1 for the best possible order.

    `seen`: for each candidate, how often the position that it was shown at is looked at. A good answer, and with it its
    question, also stands for those that nobody looked at: one that was clicked far down counts as many that were not clicked
    there.
    """
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    found, possible = np.zeros(len(scores)), np.zeros(len(scores))
    for place, (score, grade, looked) in enumerate(zip(scores, grades, seen, strict=True)):
        worth = gains(grade) / looked
        shown = worth[np.argsort(-score, kind="stable")][:k]
        ideal = np.sort(worth)[::-1][:k]
        found[place], possible[place] = shown @ discount[: len(shown)], ideal @ discount[: len(ideal)]
    return np.asarray(found / possible.mean()) if possible.any() else found
