"""Word costs: what judges hold against a product for each word it lacks or has too many."""

from pathlib import Path

import numpy as np
import pytest

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable
from tests.unit.ranker.shelf import NOW, shelf, with_costs

COLUMNS = ("missing_words_cost", "extra_words_cost", "words_cost_minus_mean")


def costs_of(table: ProductTable, ids: list[str], text: str) -> list[list[float]]:
    request = FeatureRequest.of(
        "text", text, table.rows([]), table.rows(ids), {},
        table=table, behavior=BehaviorStats.empty(table), habits=HabitStats.empty(table), now=NOW.timestamp(),
    )  # fmt: skip
    matrix = registry.matrix(request)
    return [matrix[:, registry.names("text").index(name)].tolist() for name in COLUMNS]


def test_costs_are_summed_over_missing_and_extra_words() -> None:
    table = with_costs(shelf(), missing={"polish": -0.5, "red": -0.1}, extra={"file": -0.4, "red": -0.05, "nail": -9.0})
    # "Nail Polish Red", "Nail File" and "Wall Paint 16 oz", asked for "red nail polish"
    missing, extra, against = costs_of(table, ["red", "file", "wall"], "red nail polish")
    assert missing == pytest.approx([0.0, -0.6, -0.6])
    assert extra == pytest.approx([0.0, -0.4, 0.0])
    assert against == pytest.approx([1.6 / 3, 1.6 / 3 - 1.0, 1.6 / 3 - 0.6])


def test_without_word_costs_all_cost_features_are_nan() -> None:
    assert np.isnan(costs_of(shelf(), ["red", "file"], "red nail polish")).all()


def test_word_costs_of_an_unknown_product_are_nan() -> None:
    missing, extra, _ = costs_of(with_costs(shelf()), ["red", "nowhere"], "red")
    assert np.isnan([missing[1], extra[1]]).all()
    assert missing[0] == extra[0] == 0.0


def test_word_costs_survive_saving_and_loading(tmp_path: Path) -> None:
    table = with_costs(shelf(), missing={"red": -0.25}, extra={"file": 0.5})
    table.save(tmp_path)
    kept = ProductTable.load(tmp_path).word_costs
    assert kept is not None
    assert table.word_costs is not None
    np.testing.assert_array_equal(kept.missing, table.word_costs.missing)
    np.testing.assert_array_equal(kept.extra, table.word_costs.extra)
    shelf().save(tmp_path)
    assert ProductTable.load(tmp_path).word_costs is None
