"""`python -m benchmarks.living.changed_catalog`: compares searches after 100,000 changes with a fresh build.

Applies changes to the published bundle's catalog in this process (no file or database is changed) and compacts as a service
would. Then builds the same products anew and asks both catalogs the same questions in turn: once right after the changes, and
once after the compaction that a service makes when no more changes arrive. With --worst, the changes go on until just before
the next compaction. Writes reports/changed_catalog.json. Exits with 1 if a search takes more than 10 % longer, or finds less
than .95 of the hundred nearest.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from benchmarks.catalog import BenchmarkError, published_catalog
from benchmarks.figures import percentile
from benchmarks.living.invented import Inventor
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT
from benchmarks.queries import make_queries
from shelfwise.contracts.filter import Filter, Range
from shelfwise_pipeline.evaluation.report.tables import report_console
from shelfwise_retriever.build import build_catalog
from shelfwise_retriever.changes.compaction import compact
from shelfwise_retriever.changes.when_worn import WORN, is_worn
from shelfwise_retriever.frame import COLUMNS
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.sources.base import Question as Asked

MOST_SLOWER = 1.10
LEAST_RECALL = 0.95
FILTERS = (None, None, Filter(in_stock=True), Filter(price=Range(max=20)))
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    vector: NDArray[np.float32]
    filter: Filter | None


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    try:
        catalog = published_catalog(options.bundles)
    except BenchmarkError as error:
        sys.exit(str(error))
    changed = Retriever.open(catalog.folder / "catalog", last_change=0)
    assert changed.changing is not None
    applying = _apply(changed, options.changes, options.worst)
    with tempfile.TemporaryDirectory(prefix="fresh-build-") as folder:
        fresh = _fresh_build(changed, Path(folder))
        questions = _questions(changed, make_queries(catalog.products, options.questions, seed=1))
        moments: dict[str, dict[str, Any]] = {}
        for moment in ("amid changes", "at rest"):
            if moment == "at rest":
                asyncio.run(compact(changed))
            times = _times({"changed": changed, "fresh": fresh}, questions, options.rounds)
            moments[moment] = {
                "wear": round(changed.changing.indexes.wear, 3),
                "search_ms": {name: round(found, 3) for name, found in times.items()},
                "ratio": round(times["changed"] / times["fresh"], 3),
                "recall_at_100": {
                    name: _recall(retriever, questions) for name, retriever in (("changed", changed), ("fresh", fresh))
                },
            }
    facts: dict[str, Any] = {
        **machine(),
        "changes": options.changes,
        **applying,
        "products": len(changed.catalog) - changed.catalog.gone,
        "gone": changed.catalog.gone,
        **moments,
    }
    console.print_json(orjson.dumps(facts).decode())
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    good = (found["ratio"] <= MOST_SLOWER and found["recall_at_100"]["changed"] >= LEAST_RECALL for found in moments.values())
    sys.exit(0 if all(good) else 1)


def _apply(retriever: Retriever, count: int, worst: bool) -> dict[str, Any]:
    """Apply changes one by one; return their cost and that of compactions. `worst`: go on until the index is nearly worn."""
    assert retriever.changing is not None
    took: list[float] = []
    compactions: list[float] = []
    for place, change in enumerate(Inventor(retriever).changes(2 * count)):
        if place >= count and (not worst or retriever.changing.indexes.wear > 0.98 * WORN):
            break
        started_at = time.process_time()
        retriever.changing.apply([change])
        took.append(time.process_time() - started_at)
        if is_worn(retriever.changing.indexes):
            started_at = time.process_time()
            asyncio.run(compact(retriever))
            compactions.append(time.process_time() - started_at)
    return {
        "apply_cpu_us": {"median": round(median(took) * 1e6), "p99": round(percentile(took, 99) * 1e6)},
        "compactions": len(compactions),
        "compaction_cpu_s": round(median(compactions), 2) if compactions else None,
    }


def _fresh_build(changed: Retriever, folder: Path) -> Retriever:
    """A new build of the same products in the same order, with the vectors of `changed`."""
    assert changed.changing is not None
    indexes, catalog = changed.changing.indexes, changed.catalog
    rows = [row for row in range(len(catalog)) if catalog.is_there(row)]
    products = [catalog.product(row) for row in rows]
    columns = {
        name: [product.get(name) for product in products] for name in COLUMNS if name not in ("attributes", "created_at")
    }
    types = {name: dtype for name, dtype in COLUMNS.items() if name in columns}
    attributes = [orjson.dumps(product.get("attributes") or {}).decode() for product in products]
    frame = pl.DataFrame(columns, schema=types).with_columns(pl.Series("attributes", attributes))
    kept, text_of_row = np.unique(indexes.texts.of_row[rows], return_inverse=True)
    vectors = np.stack([indexes.vectors[int(number)] for number in kept])
    build_catalog(folder, frame, vectors, text_of_row.astype(np.int32), changed.space, known_words=indexes.lexical.known_words)
    return Retriever.open(folder, last_change=0)


def _questions(retriever: Retriever, texts: Sequence[str]) -> list[Question]:
    """Questions with shoppers' texts. Each vector lies between those of two products, so that no encoder is needed."""
    assert retriever.changing is not None
    vectors = retriever.changing.indexes.vectors
    between = vectors.sample(len(texts), 1) + vectors.sample(len(texts), 2)
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), 1e-12)
    return [
        Question(text, np.ascontiguousarray(vector), FILTERS[place % len(FILTERS)])
        for place, (text, vector) in enumerate(zip(texts, between, strict=True))
    ]


def _times(retrievers: dict[str, Retriever], questions: Sequence[Question], rounds: int) -> dict[str, float]:
    """Mean milliseconds per search. For each question, the fastest of many times counts: other work affects it least.

    The retrievers take turns, question by question.
    """
    fastest = {name: np.full(len(questions), np.inf) for name in retrievers}
    gc.collect()
    for turn in range(rounds):
        for place, question in enumerate(questions):
            for name, retriever in retrievers.items() if turn % 2 else reversed(retrievers.items()):
                started_at = time.perf_counter()
                retriever.retrieve(kind="text", text=question.text, vector=question.vector, filter=question.filter, limit=DEPTH)
                fastest[name][place] = min(fastest[name][place], time.perf_counter() - started_at)
    return {name: float(found.mean()) * 1000 for name, found in fastest.items()}


def _recall(retriever: Retriever, questions: Sequence[Question]) -> float:
    """The share of the hundred nearest products that the dense source finds. Products of equal score count as the same."""
    assert retriever.changing is not None
    indexes = retriever.changing.indexes
    every = np.flatnonzero(indexes.texts.of_row >= 0).astype(np.int32)
    shares = []
    for question in questions:
        if question.filter is not None:
            continue
        told = indexes.dense.scores_of(Asked(None, question.vector), every)
        truth = np.sort(told if told is not None else np.empty(0, np.float32))[::-1][:DEPTH]
        found = retriever.retrieve(kind="text", vector=question.vector, limit=DEPTH, per_text=None).scores["dense"]
        shares.append(np.count_nonzero(found >= truth[-1] - 1e-6) / len(truth))
    return round(float(np.mean(np.minimum(shares, 1.0))), 4)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.living.changed_catalog", description=__doc__)
    parser.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="folder of published bundles")
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--worst", action="store_true", help="go on until just before the next compaction")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--report", type=Path, default=REPORTS / "changed_catalog.json")
    return parser


if __name__ == "__main__":
    main()
