"""What every candidate source guarantees, whatever it is based on."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.dense_build import build_index
from shelfwise_retriever.groups import RowGroups, Rows
from shelfwise_retriever.index_table import IndexPlan
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.vectors import Vectors
from tests.support.catalog import DIMENSION, SPACE, vector_of

from .conftest import ROWS, Shop, Sourced


def every(n: int) -> NDArray[np.bool_]:
    return np.equal(np.arange(ROWS) % n, 0)


def found(sourced: Sourced, limit: int, mask: NDArray[np.bool_] | None = None, excluded: Rows | None = None) -> Hits:
    passing = None if mask is None else FilterMask(mask)
    allowed = None if mask is None and excluded is None else Allowed(ROWS, passing, excluded)
    return sourced.source.search(sourced.question, allowed, limit)


@pytest.mark.parametrize("limit", [1, 10, 100, 400])
def test_a_source_returns_as_many_rows_as_asked_for_each_once(sourced: Sourced, limit: int) -> None:
    hits = found(sourced, limit)
    assert hits.rows.dtype == np.int32
    assert hits.scores.dtype == np.float32
    assert len(hits.rows) == len(hits.scores) == len(set(hits.rows.tolist())) == limit


def test_rows_are_returned_best_first_and_ties_in_row_order(sourced: Sourced) -> None:
    hits = found(sourced, 200)
    keys = list(zip((-hits.scores).tolist(), hits.rows.tolist(), strict=True))
    assert keys == sorted(keys)
    assert len(set(hits.scores.tolist())) < 200  # there are ties


def test_a_shorter_answer_is_the_beginning_of_a_longer_one(sourced: Sourced) -> None:
    assert found(sourced, 20).rows.tolist() == found(sourced, 100).rows[:20].tolist()


def test_the_same_question_gets_the_same_answer(sourced: Sourced) -> None:
    first, second = found(sourced, 100), found(sourced, 100)
    assert first.rows.tolist() == second.rows.tolist()
    assert first.scores.tolist() == second.scores.tolist()


@pytest.mark.parametrize("n", [2, 10, 60])
def test_a_filtered_answer_holds_only_passing_rows_and_is_full(sourced: Sourced, n: int) -> None:
    mask = every(n)
    everything = found(sourced, ROWS)
    limit = min(100, int(np.count_nonzero(mask[everything.rows])))
    assert limit > 10
    hits = found(sourced, 100, mask)
    assert mask[hits.rows].all()
    assert len(hits.rows) == limit


def test_excluded_rows_are_replaced_by_the_next_best(sourced: Sourced) -> None:
    best = found(sourced, 150)
    hits = found(sourced, 100, excluded=best.rows[:50])
    assert hits.rows.tolist() == best.rows[50:].tolist()


def test_a_filter_and_exclusions_hold_together(sourced: Sourced) -> None:
    mask = every(3)
    best = found(sourced, 60, mask)
    hits = found(sourced, 40, mask, excluded=best.rows[:20])
    assert mask[hits.rows].all()
    assert hits.rows.tolist() == best.rows[20:].tolist()


def test_a_filter_that_no_row_passes_gives_an_empty_answer(sourced: Sourced) -> None:
    assert len(found(sourced, 100, np.zeros(ROWS, np.bool_)).rows) == 0


def test_a_filtered_score_is_the_unfiltered_score(sourced: Sourced) -> None:
    everything = found(sourced, ROWS)
    score = dict(zip(everything.rows.tolist(), everything.scores.tolist(), strict=True))
    for row, filtered in zip(*found(sourced, 100, every(10)), strict=True):
        assert score[int(row)] == filtered


def test_scores_of_rows_equal_the_scores_of_the_search(sourced: Sourced) -> None:
    hits = found(sourced, 50)
    told = sourced.source.scores_of(sourced.question, hits.rows)
    if told is not None:  # otherwise only a search gives scores
        np.testing.assert_allclose(told, hits.scores, rtol=1e-6)
        assert sourced.source.scores_of(sourced.question, np.array([ROWS - 1], np.int32)) is not None


def test_a_question_that_a_source_cannot_answer_finds_nothing(sourced: Sourced) -> None:
    assert len(sourced.source.search(Question(None, None), None, 100).rows) == 0


@pytest.mark.parametrize("index", ["scan", "cells", "bytes"])
@pytest.mark.parametrize("n", [None, 3, 40])
def test_approximate_indexes_have_95_percent_recall_against_exact_search(shop: Shop, index: str, n: int | None) -> None:
    allowed = None if n is None else Allowed(ROWS, FilterMask(every(n)))
    approximate, exact = shop.dense(index), shop.dense("exact")
    recalls = []
    for title in {product["title"] for product in shop.products[::60]}:
        question = Question(None, vector_of(title + " sale"))
        best = exact.search(question, allowed, 100).scores
        recalls.append(np.count_nonzero(approximate.search(question, allowed, 100).scores >= best[-1]) / len(best))
    assert np.mean(recalls) > 0.95


def test_exact_search_returns_the_true_nearest_rows_and_scores(shop: Shop) -> None:
    vector = vector_of("sweet cheese")
    rows, scores = shop.dense("exact").search(Question(None, vector), None, 50)
    truth = np.array([vector_of(product["title"]) @ vector for product in shop.products])
    assert rows.tolist() == np.lexsort((np.arange(ROWS), -truth.round(5)))[:50].tolist()
    np.testing.assert_allclose(scores, truth[rows], atol=1e-6)


def test_a_filtered_lexical_search_equals_a_search_filtered_afterwards(shop: Shop) -> None:
    question, mask = Question("fresh red chips", None), every(7)
    rows, scores = shop.lexical.search(question, None, ROWS)
    rows, scores = rows[mask[rows]][:80], scores[mask[rows]][:80]
    filtered = shop.lexical.search(question, Allowed(ROWS, FilterMask(mask)), 80)
    assert filtered.scores.tolist() == scores.tolist()
    surely = scores > scores[-1]  # which of the rows that tie at the cut are returned is left to the source
    assert filtered.rows[surely].tolist() == rows[surely].tolist()


def test_a_search_uses_one_thread_whatever_thread_it_runs_on(shop: Shop) -> None:
    source, question = shop.dense("scan"), Question(None, vector_of("fresh red chips"))

    def threads_after_a_search() -> int:
        source.search(question, None, 10)
        return int(faiss.omp_get_max_threads())

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads_after_a_search).result() == 1


def test_a_long_answer_is_full_even_with_few_products_per_text(tmp_path: Path) -> None:
    texts, each = 2_000, 10
    drawn = np.random.default_rng(3).normal(size=(texts, DIMENSION))
    array = np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)
    plan = IndexPlan(index=f"PQ{DIMENSION // 2}x4fs", shortlist=300, exact_below=50, vectors=texts, dimension=DIMENSION)
    build_index(tmp_path, array, SPACE, plan)
    groups = RowGroups.of(np.repeat(np.arange(texts, dtype=np.int32), each), texts)
    source = DenseSource.load(tmp_path, Vectors.of(array, SPACE), groups)
    for per_text in (1, 2, None):
        hits = source.search(Question(None, vector_of("bread")), None, 1_000, per_text)
        assert len(hits.rows) == 1_000
        if per_text is not None:
            assert np.bincount(groups.of_row[hits.rows]).max() == per_text
