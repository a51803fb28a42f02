"""Words of nearly the same meaning, and words that the other candidates have too."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise.errors import BundleDamaged
from shelfwise_pipeline.training.word_meanings import DIMENSION, word_meanings
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.vocabulary import Vocabulary
from shelfwise_ranker.word_vectors import FILE, WordVectors
from tests.unit.ranker.shelf import shelf, with_vectors

SOAPS = build_table(pl.DataFrame({"product_id": ["det", "liq", "pan"], "title": ["Laundry Detergent", "Liquid Soap", "Pan 9"]}))
NEAR = {"soap": (1.0, 0.1), "deterg": (1.0, 0.0), "liquid": (-1.0, 0.2), "laundri": (0.0, 1.0), "pan": (-1.0, -1.0)}


def columns(table: ProductTable, text: str, ids: Sequence[str], dense: Sequence[float] | None = None) -> dict[str, list[float]]:
    request = FeatureRequest.of(
        "text", text, np.empty(0, np.int32), table.rows(ids), {} if dense is None else {"dense": list(dense)},
        table=table, behavior=BehaviorStats.empty(table), habits=HabitStats.empty(table), now=0.0,
    )  # fmt: skip
    return dict(zip(registry.names("text"), registry.matrix(request).T.tolist(), strict=True))


def test_a_word_of_nearly_the_same_meaning_counts_almost_like_the_word_itself() -> None:
    found = columns(with_vectors(SOAPS, **NEAR), "laundry soap", ["det", "liq", "pan"])
    detergent, liquid, pan = found["query_words_alike"]
    assert detergent == pytest.approx((1 + 1 / np.sqrt(1.01)) / 2, abs=1e-5)
    assert detergent > liquid > pan
    assert found["head_word_alike"][1] == pytest.approx(1.0)
    assert found["last_word_alike"] == found["head_word_alike"]
    assert sum(found["query_words_alike_minus_mean"]) == pytest.approx(0.0, abs=1e-6)


def test_title_words_alike_is_the_mean_over_the_titles_words() -> None:
    found = columns(with_vectors(SOAPS, **NEAR), "laundry soap", ["det"])
    assert found["title_words_alike"] == pytest.approx([(1 + 1 / np.sqrt(1.01)) / 2], abs=1e-5)


def test_a_title_of_opposite_meaning_is_as_far_as_its_words_however_short_it_is() -> None:
    table = build_table(pl.DataFrame({"product_id": ["pan", "lid", "soap"], "title": ["Pan", "Pan Lid Rack", "Soap"]}))
    found = columns(
        with_vectors(table, soap=(1.0, 0.0), pan=(-0.6, 0.8), lid=(-1.0, 0.0), rack=(-0.8, 0.6)), "soap", ["pan", "lid"]
    )
    assert found["query_words_alike"] == pytest.approx([-0.6, -0.6])


def test_numbers_are_alike_only_when_they_are_equal() -> None:
    table = with_vectors(SOAPS, **NEAR)
    assert columns(table, "9", ["pan", "det"])["query_words_alike"] == pytest.approx([1.0, 0.0])


def test_words_alike_are_nan_without_vectors_and_for_unknown_words_and_products() -> None:
    assert np.isnan(columns(SOAPS, "soap", ["det"])["query_words_alike"]).all()
    table = with_vectors(SOAPS, **NEAR)
    assert np.isnan(columns(table, "zzz", ["det"])["query_words_alike"]).all()
    assert np.isnan(columns(table, "soap", ["det", "new"])["query_words_alike"]).tolist() == [False, True]


def test_words_added_after_the_build_get_the_vector_of_pad() -> None:
    vectors = WordVectors(np.eye(3, dtype=np.float32))
    assert vectors.of(np.array([2, 3, 99], np.int32)).tolist() == [[0, 0, 1], [1, 0, 0], [1, 0, 0]]


def test_word_vectors_survive_saving_and_loading_the_table(tmp_path: Path) -> None:
    table = with_vectors(shelf(), milk=(0.6, 0.8), nail=(1.0, 0.0))
    table.save(tmp_path)
    kept = ProductTable.load(tmp_path).word_vectors
    assert kept is not None
    assert table.word_vectors is not None
    np.testing.assert_array_equal(kept.values, table.word_vectors.values)


def test_word_vectors_of_another_vocabulary_raise_bundle_damaged(tmp_path: Path) -> None:
    shelf().save(tmp_path)
    with_vectors(SOAPS, **NEAR).word_vectors.save(tmp_path)  # type: ignore[union-attr]
    with pytest.raises(BundleDamaged, match=rf"{FILE}: expected vectors of \d+ words, found 6; build the bundle again"):
        ProductTable.load(tmp_path)


def test_each_word_is_encoded_once_and_numbers_are_not() -> None:
    asked: list[list[str]] = []

    def encode(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        asked.append(texts)
        return np.random.default_rng(1).standard_normal((len(texts), 200)).astype(np.float32)

    vocabulary = Vocabulary.of([["soap", "soaps", "9"], ["soap"], ["pan", "12"]])
    vectors = word_meanings(vocabulary, encode).values
    assert asked == [["soap", "pan"]]
    assert vectors.shape == (5, DIMENSION)
    assert np.linalg.norm(vectors, axis=1).round(5).tolist() == [0, 1, 0, 0, 1]


def test_words_of_most_good_candidates_count_as_shared() -> None:
    table = build_table(
        pl.DataFrame({"product_id": list("abcd"), "title": ["Red Wine", "White Wine", "Rose Wine", "Red Grapes"]})
    )
    found = columns(table, "red wine", list("abcd"), [0.9, 0.8, 0.8, 0.3])
    assert found["head_shared"][3] == pytest.approx(0.0, abs=1e-6)
    assert min(found["head_shared"][:3]) > 0.5
    assert found["words_shared"][0] > found["words_shared"][3]
    assert np.isnan(found["unasked_words_shared"]).tolist() == [
        True,
        False,
        False,
        False,
    ]  # it has no word that was not asked for
    assert found["words_common"][0] == pytest.approx((2 + 3) / 2 / 4)


def test_unasked_words_shared_is_the_relevance_of_the_others_with_them() -> None:
    table = build_table(pl.DataFrame({"product_id": list("abc"), "title": ["Red Wine", "Red Wine Glass", "White Wine"]}))
    found = columns(table, "wine", ["a", "b"], [0.9, 0.8])
    assert found["unasked_words_shared"][0] == pytest.approx(1.0)
    among_three = columns(table, "wine", list("abc"), [0.9, 0.8, 0.7])["unasked_words_shared"]
    assert (among_three[0], among_three[2]) == pytest.approx((0.5, 0.0), abs=1e-6)  # of the others, "b" and "c" are as relevant


def test_a_candidate_without_a_head_shares_none() -> None:
    table = build_table(pl.DataFrame({"product_id": list("abc"), "title": ["16", "18", "Wine"]}))
    assert np.isnan(columns(table, "16", list("abc"), [0.9, 0.8, 0.7])["head_shared"]).tolist() == [True, True, False]


def test_an_unknown_candidate_shares_nothing_with_the_others() -> None:
    table = build_table(pl.DataFrame({"product_id": list("ab"), "title": ["Red Wine", "White Wine"]}))
    alone, beside = (columns(table, "wine", ids, [0.9, 0.8, 0.9][: len(ids)]) for ids in (["a", "b"], ["a", "b", "new"]))
    for name in ("words_shared", "head_shared"):
        assert beside[name][:2] == pytest.approx(alone[name])
        assert np.isnan(beside[name][2])


def test_a_candidate_does_not_share_words_with_itself() -> None:
    table = replace(shelf(), word_vectors=None)
    found = columns(table, "nail polish", ["red"], [0.9])
    assert found["words_shared"] == pytest.approx([0.0], abs=1e-4)
