"""Builds the dense index and measures it against exact search."""

import time
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.vectors import VectorSpace
from shelfwise_retriever.groups import RowGroups, Scores
from shelfwise_retriever.index_table import EXACT, IndexPlan, plan_for
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.dense import INDEX_FILE, PLAN_FILE, DenseSource
from shelfwise_retriever.vectors import Vectors

_QUERIES = 200
_TRAINING_VECTORS = 100_000


def build_index(folder: Path, vectors: NDArray[np.float32], space: VectorSpace, plan: IndexPlan | None = None) -> IndexPlan:
    """Write `dense.json`, and `dense.faiss` unless search is exact; return the plan with its measurements.

    Args:
        vectors: [m, dimension], unit length.
        plan: how to search; by default the table's plan for `m`.
    """
    plan = plan or plan_for(len(vectors), space.dimension)
    index = trained(vectors, plan)
    if index is not None:
        faiss.write_index(index, str(folder / INDEX_FILE))
    plan = measured(Vectors.of(vectors, space), plan, index)
    (folder / PLAN_FILE).write_text(plan.model_dump_json(indent=2))
    return plan


def trained(vectors: NDArray[np.float32], plan: IndexPlan) -> "faiss.Index | None":
    """A trained index of `plan` that holds the vectors; None if every vector is scored."""
    if plan.index == EXACT:
        return None
    faiss.omp_set_num_threads(1)
    index = faiss.index_factory(plan.dimension, plan.index, faiss.METRIC_INNER_PRODUCT)
    chosen = np.random.default_rng(0).permutation(len(vectors))[:_TRAINING_VECTORS]
    index.train(np.ascontiguousarray(vectors[np.sort(chosen)]))
    index.add(vectors)
    return index


def measured(vectors: Vectors, plan: IndexPlan, index: "faiss.Index | None") -> IndexPlan:
    """`plan` with recall@100 and the time of a search, measured on queries halfway between two products."""
    if index is None or not vectors.count:
        return plan
    groups = RowGroups.of(np.arange(vectors.count, dtype=np.int32), vectors.count)
    approximate = DenseSource(vectors, groups, plan, index)
    exact = DenseSource(vectors, groups, plan, None)
    between = vectors.sample(_QUERIES, 1) + vectors.sample(_QUERIES, 2)
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), 1e-12)
    recalls, seconds = [], []
    for query in between:
        question = Question(None, np.ascontiguousarray(query))
        started_at = time.perf_counter()
        found = approximate.search(question, None, 100).scores
        seconds.append(time.perf_counter() - started_at)
        recalls.append(_recall(found, exact.search(question, None, 100).scores))
    return plan.model_copy(
        update={"recall_at_100": round(float(np.mean(recalls)), 4), "ms": round(float(np.median(seconds)) * 1000, 3)}
    )


def _recall(found: Scores, best: Scores) -> float:
    """Recall by score, so that any of several equal candidates counts as found."""
    return float(np.count_nonzero(found >= best[-1])) / len(best)
