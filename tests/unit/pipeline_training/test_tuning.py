"""The search for training parameters."""

import numpy as np
import pytest

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training import tuning
from shelfwise_pipeline.training.choosing import LISTWISE, MANY, RANDOM_SPLITS, Chosen, choose, first_choice, train_once_more
from shelfwise_pipeline.training.tuning import tuned
from tests.support.examples import drawn_examples

TEACHING, VALIDATION = drawn_examples("together", 60, 1), drawn_examples("together", 40, 2)


def test_few_questions_about_shoppers_are_first_trained_with_random_splits() -> None:
    few, many = (
        ExampleSet("user", TEACHING.matrix, TEACHING.grades, np.ones(count, dtype=np.int64)) for count in (MANY - 1, MANY)
    )
    assert first_choice(few) == RANDOM_SPLITS
    assert first_choice(many) == first_choice(TEACHING) == LISTWISE


def test_without_trials_the_first_choice_is_taken() -> None:
    assert tuned(TEACHING, VALIDATION, 0, 60.0, 7) == choose(TEACHING, VALIDATION, LISTWISE)


def test_tuning_is_reproducible_and_never_worse_than_the_first_choice() -> None:
    once, again = (tuned(TEACHING, VALIDATION, 5, 600.0, 7) for _ in range(2))
    assert once == again
    assert once.ndcg >= choose(TEACHING, VALIDATION, LISTWISE).ndcg
    model = train_once_more([TEACHING, VALIDATION], once)
    assert model.trees == once.trees


def test_every_objective_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def watched(*given: object) -> object:
        tried.append(given[2]["objective"])  # type: ignore[index]
        return choose(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "choose", watched)
    tuned(TEACHING, VALIDATION, 2, 600.0, 7)
    assert sorted(tried) == ["binary", "lambdarank", "rank_xendcg"]


def test_no_trial_starts_once_the_time_is_over() -> None:
    assert tuned(TEACHING, VALIDATION, 50, 0.0, 7).parameters == LISTWISE


def test_a_choice_holds_the_ndcg_of_every_validation_question() -> None:
    chosen = choose(TEACHING, VALIDATION)
    assert len(chosen.values) == len(VALIDATION.sizes)
    assert chosen.ndcg == pytest.approx(np.mean(chosen.values))
    assert min(chosen.values) >= 0
    assert 0.3 < chosen.ndcg < 1


@pytest.mark.parametrize(("more", "sure"), [(0.2, True), (0.01, False), (0.0, False), (-0.2, False)])
def test_a_gain_within_chance_is_not_surely_above(more: float, sure: bool) -> None:
    noise = np.random.default_rng(3).normal(scale=0.2, size=50)
    noise -= noise.mean()
    first, other = (Chosen(30, {}, tuple(values)) for values in (np.full(50, 0.4), 0.4 + more + noise))
    assert other.surely_above(first) is sure


def test_a_trial_that_is_better_by_chance_does_not_replace_the_first_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)

    def by_chance(examples: ExampleSet, validation: ExampleSet, parameters: dict[str, object]) -> Chosen:
        values = draw.permutation(np.linspace(0.1, 0.7, 400)) + draw.normal(scale=1e-4, size=400)
        return Chosen(50, parameters, tuple(values))

    monkeypatch.setattr(tuning, "choose", by_chance)
    assert tuned(TEACHING, VALIDATION, 10, 600.0, 7).parameters == LISTWISE
