"""What a shopper's own past gives as a reason."""

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
def test_what_the_own_past_found_is_said_as_it_was(product: str, said: str) -> None:
    request, values = asked(product, "own")
    assert str(of_votes(request, 0, values)) == said


def test_a_purchase_is_said_once_whichever_family_says_it() -> None:
    request, values = asked("red", "own")
    assert of_votes(request, 0, values) == of_own(values)


def test_what_other_shoppers_found_is_said_of_them() -> None:
    request, values = asked("red", "users")
    assert str(of_votes(request, 0, values)) == "bought by those who bought what you bought"


def test_found_by_nothing_there_is_nothing_to_say() -> None:
    request, values = asked("red", "no such source")
    assert np.isnan(request.scores).all()
    assert of_votes(request, 0, values) is None
