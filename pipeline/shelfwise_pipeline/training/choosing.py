"""One LightGBM model from baskets, with its number of trees chosen on the validation period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.evaluate import ranked
from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.examples.featurizing import ExampleSet, joined
from shelfwise_pipeline.examples.question import gains
from shelfwise_pipeline.grades import BEST_GRADE
from shelfwise_pipeline.training.best_number import best_number
from shelfwise_pipeline.training.train import OF_TODAY, SEED
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import RankModel

MAX_TREES = 200
"""200 trees of 15 leaves take about 0.75 ms for 300 candidates."""

WEIGHT_OF_GRADE = np.array([1.0, 0.2, 0.4, 1.0], dtype=np.float32)
"""Views and additions to the cart count less than purchases. Products without any interaction count fully."""

COMMON: dict[str, Any] = {
    "metric": "ndcg",
    "eval_at": [10],
    "max_bin": 63,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 1,
}

LISTWISE: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 30,
    "num_leaves": 15,
    "learning_rate": 0.07,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
}
"""Learns which of two candidates comes first, as far as it matters for the top positions."""

RANDOM_SPLITS: dict[str, Any] = {
    **LISTWISE,
    "extra_trees": True,
    "feature_fraction": 0.3,
    "min_data_in_leaf": 300,
    "lambda_l2": 60.0,
}
"""LISTWISE with few columns per tree, each split at a random threshold, so that many columns share a decision that one alone
would make, and no leaf has much weight."""

OBJECTIVES: dict[str, dict[str, Any]] = {
    "binary": {"objective": "binary"},
    "lambdarank": {name: LISTWISE[name] for name in ("objective", "lambdarank_truncation_level")},
    "rank_xendcg": {"objective": "rank_xendcg"},
}
"""The objectives that a search may try, by LightGBM's name."""

MANY = 4_000
"""From this many questions on, the deciding columns stand out from chance, and no random splits are needed to keep single
columns from deciding alone."""


def first_choice(examples: ExampleSet) -> dict[str, Any]:
    """Return the parameters used unless a search finds better ones.

    For baskets, LISTWISE has NDCG@10 of .254 on a gift shop's later month, a pointwise objective .250. For a grocer's shoppers
    with 1,000 questions, NDCG@10 is .134 with random splits, .130 with the best splits and .128 by own purchases alone (judged
    on 1,500 others). With 8,000 questions of a gift shop, the best splits have .298 against .295, and .129 against .125 for
    products new to the shopper.
    """
    return RANDOM_SPLITS if examples.kind == "user" and len(examples.sizes) < MANY else LISTWISE


@dataclass(frozen=True, slots=True)
class Chosen:
    """The parameters and the number of trees chosen on the validation period."""

    trees: int
    parameters: Mapping[str, Any]
    """Beyond COMMON."""
    values: tuple[float, ...]
    """NDCG@10 of each validation question, relative to the best order of its candidates."""

    @property
    def ndcg(self) -> float:
        """The mean of `values`."""
        return float(np.mean(self.values))

    def surely_above(self, other: "Chosen") -> bool:
        """Whether this is better by more than one standard error of the difference, question by question."""
        more = np.subtract(self.values, other.values)
        return bool(more.mean() > more.std(ddof=1) / np.sqrt(len(more)))


def choose(
    examples: ExampleSet, validation: ExampleSet, parameters: Mapping[str, Any] | None = None, *, most: int = MAX_TREES
) -> Chosen:
    """Choose the number of trees that is best on `validation`. `parameters`: beyond COMMON; the first choice when None.

    The same examples give the same choice.

    Raises:
        ValueError: there is no question to learn from.
    """
    if not len(examples.sizes):
        raise ValueError(f"expected examples of kind {examples.kind!r} to train on, found none")
    tried = parameters if parameters is not None else first_choice(examples)
    data = _dataset(examples, tried)
    curves: dict[str, dict[str, list[float]]] = {}
    booster = lightgbm.train(
        {**_parameters(examples.kind), **tried},
        data,
        num_boost_round=most,
        valid_sets=[_dataset(validation, tried, data)],
        callbacks=[lightgbm.record_evaluation(curves)],
    )
    trees = best_number(curves["valid_0"]["ndcg@10"])
    model = RankModel(examples.kind, lightgbm.Booster(model_str=booster.model_to_string(num_iteration=trees)))
    each = zip(ranked(model, validation), validation.bounds, strict=True)
    return Chosen(trees, tried, tuple(ndcg(scores, validation.grades[start:stop]) for scores, (start, stop) in each))


def train_once_more(parts: Sequence[ExampleSet], chosen: Chosen) -> RankModel:
    """Train the model on all parts, so that the questions that chose its number of trees train it as well."""
    examples = joined(parts)
    parameters = {**_parameters(examples.kind), **chosen.parameters}
    booster = lightgbm.train(parameters, _dataset(examples, chosen.parameters), num_boost_round=chosen.trees)
    # Reloaded from its text, so that this model equals the one that services load.
    return RankModel(examples.kind, lightgbm.Booster(model_str=booster.model_to_string()))


def _parameters(kind: QuestionKind) -> dict[str, Any]:
    return {
        **COMMON,
        "label_gain": gains(range(BEST_GRADE + 1)).tolist(),
        "monotone_constraints": [int(rises) for rises in registry.rising(kind)],
        "feature_contri": [float(family not in OF_TODAY) for family in registry.families(kind)],
    }


def _dataset(
    examples: ExampleSet, parameters: Mapping[str, Any], reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    pointwise = parameters["objective"] == "binary"
    return lightgbm.Dataset(
        examples.matrix,
        label=((examples.grades > 0) if pointwise else examples.grades).astype(np.float32),
        weight=WEIGHT_OF_GRADE[examples.grades.astype(np.int8)] if pointwise else None,
        group=examples.sizes,
        feature_name=registry.names(examples.kind),
        reference=reference,
        free_raw_data=False,
    )
