"""Stand-ins for kinds of questions that a shop's events could not train a model for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from shelfwise.contracts.history import History
from shelfwise.contracts.rank import RankRequest
from shelfwise.errors import BundleDamaged
from shelfwise_ranker.model import FACTS_FILE, trained_kinds
from shelfwise_ranker.rank import Ranker, Ranking
from shelfwise_ranker.stand_in import by_interest
from tests.unit.ranker.shelf import NOW, history_of_shopper

IDS = ["p000", "p001", "p050", "p120"]
SCORES: dict[str, list[float | None]] = {"dense": [0.9, 0.8, 0.3, None]}
LOOKED: dict[str, list[float | None]] = {
    "viewed": [None, 1.0, None, None],
    "dense": [0.2, 0.9, 0.8, None],
    "together": [None, None, 4.0, None],
    "trending": [9.0, None, None, 7.0],
}


@pytest.fixture(scope="module")
def without(ranker: Ranker) -> Ranker:
    return replace(ranker, models={kind: model for kind, model in ranker.models.items() if kind in ("text", "product")})


def test_without_a_together_model_the_product_model_ranks_instead(without: Ranker) -> None:
    asked = RankRequest(kind="together", seeds=["p002"], ids=IDS, scores=SCORES)
    instead = RankRequest(kind="product", seeds=["p002"], ids=IDS, scores=SCORES)
    assert without.rank(asked, 2e9).response == without.rank(instead, 2e9).response
    assert without.rank(asked, 2e9).asked.kind == "product"


def test_without_a_user_model_the_products_last_touched_are_the_seeds(without: Ranker) -> None:
    history = history_of_shopper(*[("purchase", f"p{number:03}", "ann", float(number)) for number in range(2, 12)])
    ranking = without.rank(RankRequest(kind="user", history=history, ids=IDS, scores=SCORES, explain=2), 2e9)
    assert ranking.asked.seeds == ["p002", "p003", "p004", "p005", "p006"]
    assert len(ranking.response.reasons) == 2


@pytest.mark.parametrize("history", [None, history_of_shopper()])
def test_a_shopper_without_history_gets_popular_products(without: Ranker, history: None) -> None:
    ranking = without.rank(RankRequest(kind="user", history=history, ids=[*IDS, "new"], scores={}, explain=3), 2e9)
    counts = without.behavior.values[without.table.rows(IDS), 7]
    np.testing.assert_array_equal(np.argsort(ranking.response.scores[:-1]), np.argsort(counts))
    assert ranking.response.scores[-1] == 0
    assert ranking.matrix.shape == (5, 0)


def test_a_missing_product_model_raises_bundle_damaged(tmp_path: Path) -> None:
    (tmp_path / FACTS_FILE).write_bytes(orjson.dumps({"text": {}, "user": {}}))
    with pytest.raises(BundleDamaged, match="product"):
        trained_kinds(tmp_path)


def test_a_shopper_with_views_only_gets_products_like_those_viewed(ranker: Ranker) -> None:
    """Even where there is a user model, since that learned only from shoppers who buy."""
    looked = history_of_shopper(("view", "red", "ann", 1))
    scores = {source: column for source, column in LOOKED.items() if source != "together"}
    ranking = ranker.rank(RankRequest(kind="user", history=looked, ids=IDS, scores=scores), NOW.timestamp())
    assert np.argsort(ranking.response.scores)[::-1].tolist()[:3] == [1, 2, 0]
    assert ranking.response.scores[3] == 0
    assert ranking.matrix.shape == (4, 0)


def assert_sums(ranking: Ranking) -> None:
    for product_id, reason in ranking.response.reasons.items():
        score = ranking.response.scores[ranking.asked.ids.index(product_id)]
        assert reason.base + sum(reason.contributions.values()) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "itself", "others"),
    [
        ("view", "you looked at it", "what you looked at"),
        ("add_to_cart", "you put it into your cart", "what you put into your cart"),
    ],
)
def test_reasons_for_a_shopper_with_views_or_carts_only_name_those(ranker: Ranker, kind: str, itself: str, others: str) -> None:
    """No reason claims purchases by a shopper who has made none."""
    history = history_of_shopper((kind, "p001", "ann", 1))
    ranking = ranker.rank(RankRequest(kind="user", history=history, ids=IDS, scores=LOOKED, explain=3), NOW.timestamp())
    said = {product_id: reason.sentence for product_id, reason in ranking.response.reasons.items()}
    assert said == {
        "p050": f"often bought with {others}, like {others}",
        "p001": f"{itself}, like {others}",
        "p000": f"like {others}",
    }
    assert_sums(ranking)


@pytest.mark.parametrize("history", [None, history_of_shopper()])
def test_reasons_for_a_shopper_without_history_speak_of_popularity(without: Ranker, history: History | None) -> None:
    ids = [*IDS, "new"]
    ranking = without.rank(RankRequest(kind="user", history=history, ids=ids, scores={}, explain=5), 2e9)
    said = {product_id: reason.sentence for product_id, reason in ranking.response.reasons.items()}
    assert list(said) == [ids[place] for place in np.argsort(-np.array(ranking.response.scores), kind="stable")]
    bought = without.behavior.values[without.table.rows(ids), 2] > 0
    popular = {"bought more and more", "popular this month", "often bought", "bought lately"}
    assert bought.any()
    assert {product_id for product_id, sentence in said.items() if sentence in popular} == set(np.array(ids)[bought])
    assert said["new"] == "one of this shop's products"
    assert_sums(ranking)


def test_a_source_without_positive_scores_contributes_nothing() -> None:
    parts = by_interest({"dense": [-0.01, -0.03], "viewed": [None, 1.0], "together": [None, None]})
    assert {source: part.tolist() for source, part in parts.items()} == {
        "viewed": [0, 1],
        "dense": [0, 0],
        "together": [0, 0],
    }
