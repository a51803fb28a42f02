"""How many trees are kept."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training.best_number import LEAST_TREES, best_number
from shelfwise_pipeline.training.train import DISTANCES, train
from tests.support.examples import drawn_examples


def test_a_first_tree_that_is_best_by_chance_does_not_stop_training() -> None:
    curve = [0.9, *np.linspace(0.5, 0.8, 49), *np.linspace(0.79, 0.7, 20)]
    assert best_number(curve) == 50
    assert best_number([-value for value in curve], falls=True) == 50
    assert best_number(curve[:1]) == 1
    assert best_number([0.9, 0.5, 0.6]) == 3


def test_the_least_of_equally_good_numbers_is_taken() -> None:
    assert best_number([0.5] * 60) == LEAST_TREES


@pytest.mark.parametrize("settings", [{}, DISTANCES], ids=["orders", "distances"])
def test_a_model_has_at_least_the_minimum_of_trees_even_if_none_is_a_gain(settings: Mapping[str, Any]) -> None:
    """The answers of the validation questions are drawn at random, so no tree is a gain."""
    lots = drawn_examples("product", 20, 3)
    by_lot = ExampleSet("product", lots.matrix[::-1].copy(), lots.grades, lots.sizes)
    assert LEAST_TREES <= train(drawn_examples("product", 60, 1), by_lot, most=50, settings=settings).trees <= 50
    assert train(drawn_examples("product", 60, 1), by_lot, most=8, settings=settings).trees == 8


def test_trees_trained_upon_another_model_are_added_to_all_of_its_trees() -> None:
    first = train(drawn_examples("product", 60, 1), None, exactly=5)
    upon = train(drawn_examples("product", 60, 4), drawn_examples("product", 30, 2), most=40, upon=first)
    assert LEAST_TREES + 5 <= upon.trees <= 40 + 5
    assert train(drawn_examples("product", 60, 4), None, exactly=6, upon=first).trees == 5 + 6
