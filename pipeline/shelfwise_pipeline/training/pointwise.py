"""One LightGBM model from baskets: how likely is each candidate to be in the next one?

A basket holds many products, none of which was asked for above the others. Learning the chance of each orders them better
than learning pairs does (on a gift shop's later month NDCG@10 .328 against .324), and what the shop's months have in common.
"""

from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np

from shelfwise_pipeline.examples.featurizing import ExampleSet, joined
from shelfwise_pipeline.training.train import PATIENCE, SEED
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import RankModel

MAX_TREES = 160
"""160 trees of 15 leaves take some 0.6 ms for 300 candidates."""

WEIGHT_OF_GRADE = np.array([1.0, 0.2, 0.4, 1.0], dtype=np.float32)
"""Looked at and put into the cart count less than bought; what nobody touched counts fully."""

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "metric": "ndcg",
    "eval_at": [10],
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 60,
    "lambda_l2": 20.0,
    "max_bin": 63,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 1,
}


def train_pointwise(
    examples: ExampleSet, validation: ExampleSet, changes: Mapping[str, Any] | None = None, *, most: int = MAX_TREES
) -> tuple[RankModel, float]:
    """The model with the number of trees that is best on `validation`, and its NDCG@10 there.

    `changes`: to PARAMETERS. The same examples give the same model.

    Raises:
        ValueError: there is no question to learn from.
    """
    if not len(examples.sizes):
        raise ValueError(f"expected examples of kind {examples.kind!r} to train on, found none")
    data = _dataset(examples)
    booster = lightgbm.train(
        _parameters(examples, changes),
        data,
        num_boost_round=most,
        valid_sets=[_dataset(validation, data)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    found = booster.best_score["valid_0"]["ndcg@10"]
    return _model(examples, booster, booster.best_iteration), float(found)


def train_once_more(
    examples: ExampleSet, validation: ExampleSet, trees: int, changes: Mapping[str, Any] | None = None
) -> RankModel:
    """So many trees from both: what chose them is the newest that is known, and has something to teach as well."""
    both = joined([examples, validation])
    return _model(both, lightgbm.train(_parameters(both, changes), _dataset(both), num_boost_round=trees), trees)


def _model(examples: ExampleSet, booster: lightgbm.Booster, trees: int) -> RankModel:
    # Through its text, so that the model in hand is the one that will be loaded.
    return RankModel(examples.kind, lightgbm.Booster(model_str=booster.model_to_string(num_iteration=trees)))


def _parameters(examples: ExampleSet, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        **PARAMETERS,
        "monotone_constraints": [int(rises) for rises in registry.rising(examples.kind)],
        **(changes or {}),
    }


def _dataset(examples: ExampleSet, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        examples.matrix,
        label=(examples.grades > 0).astype(np.float32),
        weight=WEIGHT_OF_GRADE[examples.grades],
        group=examples.sizes,
        feature_name=registry.names(examples.kind),
        reference=reference,
    )
