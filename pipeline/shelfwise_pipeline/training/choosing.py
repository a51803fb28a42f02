"""One LightGBM model from baskets, with what its parameters should be chosen on the validation period."""

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
"""200 trees of 15 leaves take some 0.75 ms for 300 candidates."""

WEIGHT_OF_GRADE = np.array([1.0, 0.2, 0.4, 1.0], dtype=np.float32)
"""Looked at and put into the cart count less than bought; what nobody touched counts fully."""

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
"""Which of two candidates comes first, where that matters for the best places?"""

RANDOM_SPLITS: dict[str, Any] = {
    **LISTWISE,
    "extra_trees": True,
    "feature_fraction": 0.3,
    "min_data_in_leaf": 300,
    "lambda_l2": 60.0,
}
"""Listwise; of a few columns, each split at a threshold drawn at random, so that many agree on what one alone would decide, and
no leaf says much."""

OBJECTIVES: dict[str, dict[str, Any]] = {
    "binary": {"objective": "binary"},
    "lambdarank": {name: LISTWISE[name] for name in ("objective", "lambdarank_truncation_level")},
    "rank_xendcg": {"objective": "rank_xendcg"},
}
"""What a search may try, by LightGBM's name."""

MANY = 4_000
"""Questions from which on the columns that decide tell themselves apart from chance, without draws that keep them from deciding
alone."""


def first_choice(examples: ExampleSet) -> dict[str, Any]:
    """What is taken unless a search finds better.

    Baskets: on a gift shop's later month NDCG@10 of .254 against .250 pointwise. Shoppers, 1,000 questions: for a grocer's
    NDCG@10 is .134 with random splits, .130 with the best ones, .128 by own purchases alone (1,500 others judge). With 8,000
    questions of a gift shop the best splits have .298 against .295, and .129 against .125 for products new to the shopper.
    """
    return RANDOM_SPLITS if examples.kind == "user" and len(examples.sizes) < MANY else LISTWISE


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the validation period chose."""

    trees: int
    parameters: Mapping[str, Any]
    """Beyond COMMON."""
    values: tuple[float, ...]
    """NDCG@10 of each question there, against the candidates' own best order."""

    @property
    def ndcg(self) -> float:
        """The mean."""
        return float(np.mean(self.values))

    def surely_above(self, other: "Chosen") -> bool:
        """Is it better by more than one standard error of the difference, question by question?"""
        more = np.subtract(self.values, other.values)
        return bool(more.mean() > more.std(ddof=1) / np.sqrt(len(more)))


def choose(
    examples: ExampleSet, validation: ExampleSet, parameters: Mapping[str, Any] | None = None, *, most: int = MAX_TREES
) -> Chosen:
    """The number of trees that is best on `validation`. `parameters`: beyond COMMON; the first choice when None.

    The same examples choose the same.

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
    """The model, from all of the parts: what chose its number of trees has something to teach as well."""
    examples = joined(parts)
    parameters = {**_parameters(examples.kind), **chosen.parameters}
    booster = lightgbm.train(parameters, _dataset(examples, chosen.parameters), num_boost_round=chosen.trees)
    # Through its text, so that the model in hand is the one that will be loaded.
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
