import random

import pytest

from shelfwise_embedder.plan import plan_batches


def test_every_text_is_in_exactly_one_batch_and_every_batch_within_the_budget() -> None:
    random.seed(3)
    lengths = [random.randint(2, 60) for _ in range(500)]
    batches = plan_batches(lengths, 64)
    assert sorted(position for batch in batches for position in batch) == list(range(500))
    assert all(len(batch) * max(lengths[position] for position in batch) <= 64 for batch in batches)


def test_texts_of_similar_length_share_a_batch() -> None:
    assert plan_batches([9, 2, 8, 3], 18) == [[1, 3], [2, 0]]


def test_a_text_over_the_budget_is_a_batch_of_its_own() -> None:
    assert plan_batches([300, 2, 2], 64) == [[1, 2], [0]]


@pytest.mark.parametrize("budget", [1, 64])
def test_no_texts_make_no_batches(budget: int) -> None:
    assert plan_batches([], budget) == []
