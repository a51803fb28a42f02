"""Reasons from a shopper's own past."""

import numpy as np
import pytest

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.reasons.of_behavior import of_own, of_votes
from tests.unit.ranker.shelf import NOW, history_of_shopper, shelf

HISTORY = history_of_shopper(
    ("purchase", "red", "ann", 9), ("purchase", "red", "ann", 5), ("purchase", "milk", "ann", 9),
    ("view", "wall", "ann", 3), ("add_to_cart", "file", "ann", 2),
)  # fmt: skip


def asked(product: str, source: str) -> tuple[FeatureRequest, dict[str, float]]:
    """A shopper's question with one candidate, found by one source, and its columns."""
    table = shelf()
    request = FeatureRequest.of(
        "user", None, table.rows([]), table.rows([product]), {source: [1.0]},
        table=table, behavior=BehaviorStats.empty(table), habits=HabitStats.empty(table), now=NOW.timestamp(), history=HISTORY,
    )  # fmt: skip
    columns = registry.matrix(request)[0].tolist()
    return request, dict(zip(registry.names("user"), columns, strict=True))


@pytest.mark.parametrize(
    ("product", "said"),
    [
        ("red", "you bought it 2 times"),
        ("milk", "you bought it before"),
        ("wall", "you looked at it"),
        ("file", "you put it into your cart"),
    ],
)
def test_a_candidate_of_source_own_is_explained_by_what_the_shopper_did(product: str, said: str) -> None:
    request, values = asked(product, "own")
    assert str(of_votes(request, 0, values)) == said


def test_a_purchase_has_the_same_reason_from_votes_and_from_own_features() -> None:
    request, values = asked("red", "own")
    assert of_votes(request, 0, values) == of_own(values)


def test_a_candidate_of_source_users_is_explained_by_other_shoppers() -> None:
    request, values = asked("red", "users")
    assert str(of_votes(request, 0, values)) == "bought by those who bought what you bought"


def test_a_candidate_that_no_source_found_has_no_reason_of_votes() -> None:
    request, values = asked("red", "no such source")
    assert np.isnan(request.scores).all()
    assert of_votes(request, 0, values) is None
