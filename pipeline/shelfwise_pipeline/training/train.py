"""One LightGBM model from examples."""

from collections.abc import Collection, Mapping
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.question import Grades, gains
from shelfwise_pipeline.grades import BEST_GRADE
from shelfwise_pipeline.training.best_number import best_number
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import RankModel

MAX_TREES = 80
"""More trees order a little better but cost time in every request: 120 trees take 0.35 ms for 150 candidates."""

SEED = 20_170_801

STEPS = 12
"""LightGBM needs whole numbers as grades. Twelfths can represent the mean of three or four people's grades."""

JUDGED_ONLY = frozenset({"shape", "likeness"})
"""Feature families that only people's grades can teach. In a shop without grades they cost time and order no better."""

OF_TODAY = frozenset({"rating"})
"""Feature families known only as of today. A product bought since a question was asked has more ratings because of that, and a
rating counts more the more people gave it. Trained on events, these features would reveal what came afterwards."""

PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [10],
    "label_gain": gains(np.arange(BEST_GRADE * STEPS + 1) / STEPS).tolist(),
    "lambdarank_truncation_level": 15,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "max_bin": 63,  # trains faster, and orders no worse
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}

DISTANCES: dict[str, Any] = {
    "objective": "regression",
    "metric": "l2",
    "num_leaves": 15,
    "learning_rate": 0.03,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.3,
}
"""Regression on how far each candidate's gain is above its list's mean. Where whole lists were graded, this teaches more than
which of two candidates comes first: on a do-it-yourself shop's lists, in five folds, the gain over any order is 1.22 to 1.24
times MiniLM's, by LambdaMART 1.20, by cross-entropy of lists 1.19 to 1.22. With a search's candidates it is the other way
round."""


def train(
    examples: ExampleSet,
    validation: ExampleSet | None,
    families: Collection[str] | None = None,
    *,
    most: int = MAX_TREES,
    exactly: int | None = None,
    settings: Mapping[str, Any] | None = None,
    upon: RankModel | None = None,
) -> RankModel:
    """Train a model on the examples. It has the number of trees, up to `most`, that is best on `validation` (see
    `best_number`); without `validation`, `exactly` that many trees, or half of `most`.

    `upon`: a model whose trees come first, followed by at most `most` new ones. Its knowledge is kept unless the examples
    contradict it.

    `settings`: LightGBM parameters that override PARAMETERS.

    `families`: the only feature families that the trees may use; all but JUDGED_ONLY and OF_TODAY when None. The same examples
    give the same model.

    Raises:
        ValueError: there is no question to learn from.
    """
    if not len(examples.sizes):
        raise ValueError(f"expected examples of kind {examples.kind!r} to train on, found none")
    kind = examples.kind
    decide = set(registry.families(kind)) - JUDGED_ONLY - OF_TODAY if families is None else families
    parameters = {
        **PARAMETERS,
        **(settings or {}),
        "num_threads": 1,
        "monotone_constraints": [int(rises) for rises in registry.rising(kind)],
        "feature_contri": [float(family in decide) for family in registry.families(kind)],
    }
    distances = parameters["objective"] == "regression"
    make = _above_mean if distances else _graded
    data = make(examples)
    before = lightgbm.Booster(model_str=upon.as_text()) if upon else None
    if validation is None or not len(validation.sizes):
        trees = most // 2 if exactly is None else exactly
        booster = lightgbm.train(parameters, data, num_boost_round=trees, init_model=before)
    else:
        curves: dict[str, dict[str, list[float]]] = {}
        booster = lightgbm.train(
            parameters,
            data,
            num_boost_round=most,
            init_model=before,
            valid_sets=[make(validation, data)],
            callbacks=[lightgbm.record_evaluation(curves)],
        )
        (curve,) = curves["valid_0"].values()
        trees = best_number(curve, falls=distances)
    total = trees + (upon.trees if upon else 0)
    # Reloaded from its text, so that this model equals the one that services load.
    return RankModel(kind, lightgbm.Booster(model_str=booster.model_to_string(num_iteration=total)))


def labels(grades: Grades) -> NDArray[np.float32]:
    """Return the grades as LightGBM labels, for a model with PARAMETERS."""
    return np.asarray(np.rint(grades * np.float32(STEPS)), dtype=np.float32)


def above_mean(examples: ExampleSet) -> NDArray[np.float32]:
    """[candidates of all questions] each candidate's gain minus its question's mean."""
    lists = np.repeat(np.arange(len(examples.sizes)), examples.sizes)
    each = gains(examples.grades)
    return np.asarray(each - (np.bincount(lists, each) / examples.sizes)[lists], dtype=np.float32)


def _graded(examples: ExampleSet, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return _dataset(examples, labels(examples.grades), reference)


def _above_mean(examples: ExampleSet, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return _dataset(examples, above_mean(examples), reference)


def _dataset(examples: ExampleSet, label: NDArray[np.float32], reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        examples.matrix,
        label=label,
        group=examples.sizes,
        feature_name=registry.names(examples.kind),
        reference=reference,
        free_raw_data=False,  # the trees of `upon` score it first
    )
