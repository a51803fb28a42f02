"""How many trees are kept."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training.best_number import LEAST_TREES, best_number
from shelfwise_pipeline.training.train import DISTANCES, train
from shelfwise_ranker.features import registry

CANDIDATES = 40


def examples(questions: int, seed: int) -> ExampleSet:
    """Bought is what the first column is high for, with much chance."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(questions * CANDIDATES, len(registry.names("product")))).astype(np.float32)
    bought = matrix[:, 0] + draw.normal(size=len(matrix)) > 2
    return ExampleSet("product", matrix, np.where(bought, 3, 0).astype(np.float32), np.full(questions, CANDIDATES))


def test_a_first_tree_that_is_best_by_chance_stops_nothing() -> None:
    curve = [0.9, *np.linspace(0.5, 0.8, 49), *np.linspace(0.79, 0.7, 20)]
    assert best_number(curve) == 50
    assert best_number([-value for value in curve], falls=True) == 50
    assert best_number(curve[:1]) == 1
    assert best_number([0.9, 0.5, 0.6]) == 3


def test_of_equally_good_numbers_the_least_is_taken() -> None:
    assert best_number([0.5] * 60) == LEAST_TREES


@pytest.mark.parametrize("settings", [{}, DISTANCES], ids=["orders", "distances"])
def test_a_model_has_dozens_of_trees_however_early_one_seemed_best(settings: Mapping[str, Any]) -> None:
    """Questions whose answers are drawn by lot: no tree is a gain."""
    lots = examples(20, 3)
    by_lot = ExampleSet("product", lots.matrix[::-1].copy(), lots.grades, lots.sizes)
    assert LEAST_TREES <= train(examples(60, 1), by_lot, most=50, settings=settings).trees <= 50
    assert train(examples(60, 1), by_lot, most=8, settings=settings).trees == 8


def test_trees_upon_others_come_after_all_of_them() -> None:
    first = train(examples(60, 1), None, exactly=5)
    upon = train(examples(60, 4), examples(30, 2), most=40, upon=first)
    assert LEAST_TREES + 5 <= upon.trees <= 40 + 5
    assert train(examples(60, 4), None, exactly=6, upon=first).trees == 5 + 6
