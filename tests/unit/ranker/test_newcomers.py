"""Products added after the bundle was built keep their place among the candidates."""

import numpy as np
import pytest

from shelfwise_ranker.newcomers import placed


def order(scores: list[float], unknown: list[int]) -> list[int]:
    mask = np.zeros(len(scores), dtype=bool)
    mask[unknown] = True
    ranked: list[int] = np.argsort(-placed(np.array(scores), mask), kind="stable").tolist()
    return ranked


def test_an_unknown_best_match_comes_first_whatever_its_score() -> None:
    assert order([-9.0, 0.1, 0.5, 0.3], unknown=[0]) == [0, 2, 3, 1]


def test_an_unknown_last_match_stays_last_whatever_its_score() -> None:
    assert order([0.1, 0.5, 0.3, 9.0], unknown=[3]) == [1, 2, 3, 0]


def test_unknown_products_keep_their_order_and_known_ones_theirs() -> None:
    ranked = order([-5.0, 0.2, -7.0, 0.4, 0.1, -6.0], unknown=[0, 2, 5])
    assert [place for place in ranked if place in (0, 2, 5)] == [0, 2, 5]
    assert [place for place in ranked if place not in (0, 2, 5)] == [3, 1, 4]
    assert ranked[0] == 0


@pytest.mark.parametrize("unknown", [[], [0, 1]])
def test_scores_stay_when_all_or_none_of_the_products_are_unknown(unknown: list[int]) -> None:
    assert order([0.1, 0.5], unknown) == [1, 0]
