"""The search for parameters."""

import numpy as np
import pytest

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training import tuning
from shelfwise_pipeline.training.choosing import FIRST_CHOICE, choose, train_once_more
from shelfwise_pipeline.training.tuning import tuned
from shelfwise_ranker.features import registry

CANDIDATES = 40


def examples(questions: int, seed: int) -> ExampleSet:
    """Bought is what the first column is high for, with much chance."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(questions * CANDIDATES, len(registry.names("together")))).astype(np.float32)
    bought = matrix[:, 0] + draw.normal(size=len(matrix)) > 2
    return ExampleSet("together", matrix, np.where(bought, 3, 0).astype(np.float32), np.full(questions, CANDIDATES))


TEACHING, VALIDATION = examples(60, 1), examples(40, 2)


def test_without_trials_the_kinds_first_choice_is_taken() -> None:
    assert tuned(TEACHING, VALIDATION, 0, 60.0, 7) == choose(TEACHING, VALIDATION, FIRST_CHOICE["together"])


def test_the_same_trials_choose_the_same_and_nothing_worse_than_the_first_choice() -> None:
    once, again = (tuned(TEACHING, VALIDATION, 5, 600.0, 7) for _ in range(2))
    assert once == again
    assert once.ndcg >= choose(TEACHING, VALIDATION, FIRST_CHOICE["together"]).ndcg
    model = train_once_more(TEACHING, VALIDATION, once)
    assert model.trees == once.trees


def test_every_objective_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def watched(*given: object) -> object:
        tried.append(given[2]["objective"])  # type: ignore[index]
        return choose(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "choose", watched)
    tuned(TEACHING, VALIDATION, 2, 600.0, 7)
    assert sorted(tried) == ["binary", "lambdarank", "rank_xendcg"]


def test_no_trial_is_begun_when_the_time_is_over() -> None:
    assert tuned(TEACHING, VALIDATION, 50, 0.0, 7).parameters == FIRST_CHOICE["together"]
