"""Every peer on a small shop whose habits are known."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("implicit")
pytest.importorskip("bm25s")

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.peers.als import Als
from benchmarks.quality.peers.bm25 import Bm25
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.peers.char_ngrams import CharNgrams
from benchmarks.quality.peers.cooccurrence import Cooccurrence
from benchmarks.quality.peers.ease import Ease, item_weights
from benchmarks.quality.peers.item_knn import ItemKnn
from benchmarks.quality.peers.minilm import MiniLm
from benchmarks.quality.peers.own_frequency import OwnFrequency
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.peers.rank_fusion import RankFusion, fused
from benchmarks.quality.peers.scoring import best
from benchmarks.quality.protocol import Known, Question, System
from tests.unit.benchmarks_quality.worlds import FROZEN_AT, PRODUCTS, known, products

PERSONAL: dict[str, Callable[[], System]] = {
    "own frequency": OwnFrequency,
    "own frequency, half-life": lambda: OwnFrequency(60),
    "als": lambda: Als(factors=8),
    "item kNN, users": lambda: ItemKnn("user_id"),
    "item kNN, baskets": lambda: ItemKnn("session_id", 120),
    "ease": lambda: Ease("user_id", penalty=5.0),
    "co-occurrence": lambda: Cooccurrence(weighted=True, half_life_days=120),
    "fusion": lambda: RankFusion("two", [OwnFrequency(), Ease("user_id", penalty=5.0)]),
}
TOGETHER = ("item kNN, users", "item kNN, baskets", "ease", "co-occurrence")


@pytest.mark.parametrize("make", PERSONAL.values(), ids=PERSONAL.keys())
def test_a_user_who_buys_one_kind_is_shown_that_kind(make: Callable[[], System]) -> None:
    peer = make()
    peer.fit(known())
    questions = [Question(user, user=user) for user in ("user0", "user1", "user2")]
    for kind, ranking in zip(("tea", "paint", "rope"), peer.rank(questions, 4), strict=True):
        assert len(ranking) == 4
        assert all(product.startswith(kind) for product in ranking), ranking


@pytest.mark.parametrize("make", [PERSONAL[name] for name in TOGETHER], ids=TOGETHER)
def test_a_seed_is_answered_with_other_products_of_its_kind(make: Callable[[], System]) -> None:
    peer = make()
    peer.fit(known())
    [ranking] = peer.rank([Question("q", seeds=("rope1",))], 5)
    assert "rope1" not in ranking
    assert all(product.startswith("rope") for product in ranking), ranking


@pytest.mark.parametrize("make", [Chance, lambda: Popularity(30), *PERSONAL.values()])
def test_exclusions_hold_and_answers_do_not_depend_on_other_questions(make: Callable[[], System]) -> None:
    peer = make()
    peer.fit(known())
    banned = frozenset({"tea0", "tea1", "paint0"})
    questions = [Question(f"user{number}", user=f"user{number}", exclude=banned) for number in range(6)]
    together = peer.rank(questions, 10)
    assert together == [peer.rank([question], 10)[0] for question in questions]
    assert not banned & {product for ranking in together for product in ranking}
    assert all(len(set(ranking)) == len(ranking) == 10 for ranking in together)


def test_own_frequency_counts_baskets_then_prefers_recent_purchases() -> None:
    bought = [
        ("me", "rope1", 80), ("me", "rope1", 70), ("me", "tea1", 9), ("me", "tea1", 8), ("me", "paint1", 1),
        ("other", "paint5", 3), ("third", "paint5", 2), ("other", "tea5", 2),
    ]  # fmt: skip
    events = pl.DataFrame(
        {
            "event_id": [str(number) for number in range(len(bought))],
            "type": "purchase",
            "product_id": [product for _, product, _ in bought],
            "user_id": [user for user, _, _ in bought],
            "session_id": [f"{user}{days}" for user, _, days in bought],
            "timestamp": [FROZEN_AT - timedelta(days=days) for _, _, days in bought],
        }
    )
    peer = OwnFrequency()
    peer.fit(Known(products(), canonical.events(events), moment=FROZEN_AT))
    [mine, nobodys] = peer.rank([Question("a", user="me"), Question("b", user="nobody")], len(PRODUCTS))
    assert mine[:5] == ["tea1", "rope1", "paint1", "paint5", "tea5"]
    assert set(nobodys[:2]) == {"paint5", "tea1"}
    assert sorted(mine) == sorted(PRODUCTS)


def test_popularity_counts_only_its_window() -> None:
    peer = Popularity(14)
    peer.fit(known())
    [ranking] = peer.rank([Question("q")], 1)
    recent = known().events.filter(pl.col("timestamp") >= FROZEN_AT - pl.duration(days=14))
    assert recent.filter(pl.col("product_id") == ranking[0]).height == recent["product_id"].value_counts()["count"].max()


def test_ease_weights_equal_ridge_regressions() -> None:
    """Each column is the ridge regression of that item on the others."""
    matrix = (np.random.default_rng(0).random((40, 6)) < 0.4).astype(np.float32)
    weights = item_weights(matrix.T @ matrix, 2.0)
    for item in range(6):
        others = [other for other in range(6) if other != item]
        part = matrix[:, others]
        expected = np.linalg.solve(part.T @ part + 2.0 * np.eye(5), part.T @ matrix[:, item])
        assert weights[others, item] == pytest.approx(expected, abs=1e-4)
        assert weights[item, item] == 0


def test_item_knn_keeps_as_many_neighbors_as_asked_for() -> None:
    def scored(neighbors: int) -> int:
        peer = ItemKnn("user_id", neighbors=neighbors)
        peer.fit(known())
        return int((peer.scores([Question("q", seeds=("tea1",))]) > 0).sum())

    assert (scored(2), scored(3)) == (2, 3)


def test_text_peers_find_titles_by_words_and_only_reorder_a_given_list() -> None:
    for peer in (Bm25(), CharNgrams()):
        peer.fit(known())
        free, listed = peer.rank(
            [Question("a", text="paint 3"), Question("b", text="paint 3", candidates=("tea1", "paint3", "rope3"))], 5
        )
        assert free[0] == "paint3"
        assert listed[0] == "paint3"
        assert sorted(listed) == ["paint3", "rope3", "tea1"]


def _letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """[texts, 128]: how often each letter occurs, as a unit vector."""
    counts = np.stack([np.bincount(np.frombuffer(text.encode("ascii"), np.uint8), minlength=128) for text in texts])
    unit: NDArray[np.float32] = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_the_encoder_answers_texts_users_and_seeds_by_their_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality.peers.minilm.embedded", _letters)
    peer = MiniLm()
    peer.fit(known())
    text, user, seeds = peer.rank(
        [Question("a", text="rope number 4"), Question("b", user="user1"), Question("c", seeds=("tea0", "tea1"))], 4
    )
    assert text[0] == "rope4"
    assert all(product.startswith("paint") for product in user)
    assert all(product.startswith("tea") for product in seeds)


def test_the_encoder_needs_no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality.peers.minilm.embedded", _letters)
    peer = MiniLm()
    peer.fit(Known(products()))
    [ranking] = peer.rank([Question("a", text="rope number 4")], 1)
    assert ranking == ["rope4"]


def test_bm25_answers_a_text_whose_words_no_title_has() -> None:
    peer = Bm25()
    peer.fit(known())
    [ranking] = peer.rank([Question("a", text="zzz")], 3)
    assert len(ranking) == 3


def test_fusion_adds_reciprocal_ranks() -> None:
    assert fused([["a", "b", "c"], ["c", "b", "d"]])[:2] == ["c", "b"]
    assert fused([["a"], ["b"]]) == ["a", "b"]


@pytest.mark.parametrize(
    ("scores", "depth", "expected"),
    [
        ([0.0, 2.0, 1.0], 2, [1, 2]),
        ([1.0, 1.0, 1.0, 2.0], 3, [3, 0, 1]),
        ([-np.inf, 1.0, -np.inf], 3, [1]),
        ([1.0], 5, [0]),
        ([-np.inf], 1, []),
    ],
)
def test_best_finds_the_highest_scores_and_keeps_ties_in_order(scores: list[float], depth: int, expected: list[int]) -> None:
    found: NDArray[np.int64] = best(np.array(scores, dtype=np.float32), depth)
    assert found.tolist() == expected
