"""A search for better parameters, on the validation period alone and within a time."""

import time
from typing import Any

import numpy as np

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training.choosing import FIRST_CHOICE, LISTWISE, POINTWISE, Chosen, choose

SPACE: dict[str, tuple[Any, ...]] = {
    "num_leaves": (7, 15, 31),
    "learning_rate": (0.04, 0.07, 0.1),
    "min_data_in_leaf": (30, 60, 150, 300),
    "lambda_l2": (1.0, 5.0, 20.0, 60.0),
    "feature_fraction": (0.3, 0.5, 0.7, 1.0),
}


def tuned(examples: ExampleSet, validation: ExampleSet, trials: int, seconds: float, seed: int) -> Chosen:
    """The best of the kind's first choice, the other objective, and draws from SPACE: `trials` at most, none begun after
    `seconds`. Always at least the first choice; the same trials choose the same.
    """
    started = time.monotonic()
    best = choose(examples, validation)
    draw = np.random.default_rng([seed, len(examples.sizes)])
    first = FIRST_CHOICE[examples.kind]
    for trial in range(trials):
        if time.monotonic() - started > seconds:
            break
        base = (LISTWISE if first is POINTWISE else POINTWISE) if trial == 0 else best.parameters
        drawn = {name: values[int(draw.integers(len(values)))] for name, values in SPACE.items()} if trial else {}
        found = choose(examples, validation, {**base, **drawn})
        best = max(best, found, key=lambda chosen: chosen.ndcg)
    return best
