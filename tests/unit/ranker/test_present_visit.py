"""A shop whose events are orders only: a shopper's present looks still count, though no model learned from looks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.rank import RankRequest
from shelfwise_ranker.present_visit import KEPT, OF_LOOKS, VISIT, touched_now
from shelfwise_ranker.rank import Ranker, Ranking
from tests.unit.ranker.shelf import NOW, history_of_shopper

MINUTE = 1 / 1440
IDS = [f"p{number:03}" for number in range(0, 180, 3)]
LOOKED = ["p150", "p153", "p156"]
BEFORE = ("purchase", "p000", "ann", 40.0)
SCORES: dict[str, list[float | None]] = {
    "viewed": [1 / (1 + LOOKED.index(product)) if product in LOOKED else None for product in IDS],
    "together": [4.0 if product < "p030" else None for product in IDS],
    "trending": [float(180 - int(product[1:])) for product in IDS],
}


@pytest.fixture(scope="module")
def of_orders(trained_on_orders: Path) -> Ranker:
    return Ranker.open(trained_on_orders)


def looking(*ago: float, kind: str = "view") -> list[tuple[str, str, str, float]]:
    return [(kind, product, "ann", days) for product, days in zip(LOOKED, ago, strict=True)]


def ranked(ranker: Ranker, history: History, explain: int = 0) -> Ranking:
    request = RankRequest(kind="user", history=history, ids=IDS, scores=SCORES, explain=explain)
    return ranker.rank(request, NOW.timestamp())


def order(scores: Sequence[float] | NDArray[np.float64]) -> list[str]:
    return [IDS[place] for place in np.argsort(-np.array(scores), kind="stable")]


def by_model(ranker: Ranker, ranking: Ranking) -> NDArray[np.float64]:
    return ranker.models["user"].scores(ranking.matrix)


def test_a_model_knows_whether_its_training_data_had_looks(ranker: Ranker, of_orders: Ranker) -> None:
    assert ranker.models["user"].told & OF_LOOKS
    assert not of_orders.models["user"].told & OF_LOOKS
    assert "own_purchases" in of_orders.models["user"].told


@pytest.mark.parametrize("kind", ["view", "add_to_cart"])
def test_products_of_the_present_visit_are_lifted_and_the_rest_keep_their_order(of_orders: Ranker, kind: str) -> None:
    ranking = ranked(of_orders, history_of_shopper(BEFORE, *looking(MINUTE, 2 * MINUTE, 3 * MINUTE, kind=kind)))
    models, found = order(by_model(of_orders, ranking)), order(ranking.response.scores)
    assert not set(LOOKED) & set(models[:10]), "or there is nothing to show"
    lifted = found[: 2 * KEPT : 2]
    assert lifted[:3] == LOOKED
    leaf, rows = of_orders.table.leaf, of_orders.table.rows
    assert set(leaf[rows(lifted)]) == set(leaf[rows(LOOKED)]), "then what is of their category"
    assert [product for product in found if product not in lifted] == [one for one in models if one not in lifted]


def test_products_that_the_model_already_ranks_high_are_not_lowered(of_orders: Ranker) -> None:
    ranking = ranked(
        of_orders, history_of_shopper(BEFORE, ("view", "p000", "ann", MINUTE), ("view", "p150", "ann", 2 * MINUTE))
    )
    assert (np.array(ranking.response.scores) >= by_model(of_orders, ranking)).all()
    assert {"p000", "p150"} <= set(order(ranking.response.scores)[:10])


@pytest.mark.parametrize(
    "events",
    [
        [],
        looking(1, 2, 3),
        [*looking(MINUTE, 2 * MINUTE, 3 * MINUTE), *(("purchase", product, "ann", 0.5 * MINUTE) for product in LOOKED)],
    ],
    ids=["nothing looked at", "of another day", "bought since"],
)
def test_without_a_present_visit_the_scores_are_the_models(
    of_orders: Ranker, events: list[tuple[str, str, str, float]]
) -> None:
    ranking = ranked(of_orders, history_of_shopper(BEFORE, *events), 3)
    assert ranking.response.scores == by_model(of_orders, ranking).tolist()
    assert not any(VISIT in reason.contributions for reason in ranking.response.reasons.values())


def test_a_model_trained_with_looks_decides_alone(ranker: Ranker) -> None:
    ranking = ranked(ranker, history_of_shopper(BEFORE, *looking(MINUTE, 2 * MINUTE, 3 * MINUTE)))
    assert ranking.response.scores == by_model(ranker, ranking).tolist()


@pytest.mark.parametrize(("kind", "said"), [("view", "you looked at it"), ("add_to_cart", "you put it into your cart")])
def test_reasons_say_what_the_visit_added(of_orders: Ranker, kind: str, said: str) -> None:
    history = history_of_shopper(BEFORE, *looking(MINUTE, 2 * MINUTE, 3 * MINUTE, kind=kind))
    ranking = ranked(of_orders, history, explain=10)
    for product, reason in ranking.response.reasons.items():
        score = ranking.response.scores[IDS.index(product)]
        assert reason.base + sum(reason.contributions.values()) == pytest.approx(score, abs=1e-9)
    lifted = {product: one.sentence for product, one in ranking.response.reasons.items() if VISIT in one.contributions}
    assert lifted == {
        **dict.fromkeys(LOOKED, said),
        **{product: "you looked at products of “Paint”" for product in lifted if product not in LOOKED},
    }
    assert len(lifted) == KEPT


def test_a_viewed_product_that_the_ranker_does_not_know_is_lifted_too(of_orders: Ranker) -> None:
    history = history_of_shopper(BEFORE, ("view", "brand-new", "ann", MINUTE))
    request = RankRequest(kind="user", history=history, ids=[*IDS, "brand-new"], scores={}, explain=1)
    ranking = of_orders.rank(request, NOW.timestamp())
    assert np.argmax(ranking.response.scores) == len(IDS)
    (reason,) = ranking.response.reasons.values()
    assert reason.sentence == "you looked at it"
    assert reason.base + sum(reason.contributions.values()) == pytest.approx(max(ranking.response.scores), abs=1e-9)


def test_without_categories_only_the_viewed_products_themselves_are_lifted(of_orders: Ranker) -> None:
    unnamed = replace(of_orders, table=replace(of_orders.table, categories=[""] * len(of_orders.table.categories)))
    history = history_of_shopper(BEFORE, *looking(MINUTE, 2 * MINUTE, 3 * MINUTE))
    reasons = ranked(unnamed, history, explain=10).response.reasons
    assert {product for product, reason in reasons.items() if VISIT in reason.contributions} == set(LOOKED)


def test_only_recent_views_and_carts_without_a_later_purchase_are_of_the_visit() -> None:
    history = history_of_shopper(
        ("view", "a", "ann", 0.1), ("add_to_cart", "b", "ann", 0.1), ("purchase", "c", "ann", 0.1), ("view", "d", "ann", 0.2),
        ("view", "e", "ann", 0.12), ("purchase", "e", "ann", 0.11), ("purchase", "f", "ann", 9), ("view", "f", "ann", 0.1),
    )  # fmt: skip
    assert touched_now(history) == {"a": "you_looked", "b": "you_put_into_cart", "f": "you_looked"}
    assert touched_now(None) == {}
