"""The metrics against figures worked out by hand."""

import math

import numpy as np
import pytest

pytest.importorskip("ir_measures")

from benchmarks.quality.judging import HIT_10, NDCG_10, RECALL_10, Against, FullLists, Measure, SameAnswer
from benchmarks.quality.protocol import Question

ONE = [Question("q")]


def test_ndcg_with_one_of_two_relevant_products_at_the_second_place() -> None:
    judge = Against({"q": {"a": 1.0, "b": 1.0}}, {"ndcg@10": NDCG_10})
    [value] = judge.judge(ONE, [["x", "a"]])["ndcg@10"]
    assert value == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))


def test_fractional_gains_count() -> None:
    gains = {"a": 2**1.33 - 1, "b": 2**0.67 - 1}
    judge = Against({"q": gains}, {"ndcg@10": NDCG_10})
    [worse] = judge.judge(ONE, [["b", "a"]])["ndcg@10"]
    [best] = judge.judge(ONE, [["a", "b"]])["ndcg@10"]
    discount = 1 / math.log2(3)
    assert best == pytest.approx(1.0)
    assert worse == pytest.approx((gains["b"] + gains["a"] * discount) / (gains["a"] + gains["b"] * discount), abs=1e-3)


def test_the_order_given_is_the_order_judged() -> None:
    """trec_eval sorts equal scores by id; places are never equal."""
    judge = Against({"q": {"a": 1.0}}, {"ndcg@10": NDCG_10})
    assert judge.judge(ONE, [["z", "y", "a"]])["ndcg@10"][0] == pytest.approx(0.5)
    assert judge.judge(ONE, [["a", "y", "z"]])["ndcg@10"][0] == pytest.approx(1.0)


def test_recall_counts_products_above_the_least_gain_and_is_nan_without_any() -> None:
    judge = Against(
        {"q": {"a": 3.0, "b": 0.5, "c": 2.0}, "r": {"a": 0.5}},
        {"recall@10": Measure("R", 10, least_gain=2.0), "any": RECALL_10},
    )
    values = judge.judge([Question("q"), Question("r")], [["b", "a"], ["a"]])
    assert values["recall@10"][0] == pytest.approx(0.5)
    assert math.isnan(values["recall@10"][1])
    assert values["any"].tolist() == pytest.approx([2 / 3, 1.0])


def test_an_empty_answer_counts_as_wrong() -> None:
    judge = Against({"q": {"a": 1.0}, "r": {"a": 1.0}}, {"hit@10": HIT_10})
    assert judge.judge([Question("q"), Question("r")], [[], ["a"]])["hit@10"].tolist() == [0.0, 1.0]
    assert judge.judge([Question("q"), Question("r")], [[], []])["hit@10"].tolist() == [0.0, 0.0]


def test_same_answer_compares_with_the_systems_own_answer_to_the_clean_query() -> None:
    questions = [Question("clean"), Question("typo")]
    judge = SameAnswer({"typo": "clean"}, depth=4)
    assert judge.metrics == ["overlap@4"]
    found = judge.judge(questions, [["a", "b", "c", "d"], ["d", "x", "a", "y"]])
    assert np.allclose(found["overlap@4"], [0.5])


def test_a_list_is_full_if_it_is_long_enough_and_allowed() -> None:
    judge = FullLists({"q": frozenset("abc"), "r": frozenset("a")}, depth=2)
    questions = [Question("q"), Question("r")]
    assert judge.judge(questions, [["a", "b"], ["a"]])["full@2"].tolist() == [1.0, 1.0]
    assert judge.judge(questions, [["a", "x"], []])["full@2"].tolist() == [0.0, 0.0]
    assert judge.judge(questions, [["a"], ["a"]])["full@2"].tolist() == [0.0, 1.0]
