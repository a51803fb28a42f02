"""`python -m benchmarks.encoder`: compares torch with the published bundle's ONNX encoder.

Times one short query on one thread. Also measures how much of the fp32 answer is kept in 8 bit: the overlap of the ten nearest
catalog texts. Writes reports/encoder.json.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer

from benchmarks.catalog import BenchmarkError, published_catalog
from benchmarks.figures import percentile
from benchmarks.machine import machine
from benchmarks.monolith.prepare import Vectors, document_vectors, weights_folder
from benchmarks.places import REPORTS, ROOT
from benchmarks.queries import make_queries
from shelfwise.errors import BundleError
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.registry import open_engine
from shelfwise_pipeline.evaluation.report.tables import report_console

NEAREST = 10
BLOCK = 25
WARM_UP = 20

Rows = NDArray[np.int64]
"""[n, NEAREST]: indices into the list of documents."""

Encode = Callable[[str], Vectors]
"""One text to [1, dimension]."""

TORCH, ONNX_FP32, ONNX_INT8 = "sentence-transformers on torch, fp32", "ONNX, fp32", "ONNX, 8 bit (serves queries)"


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    try:
        report = _run(options)
    except (BenchmarkError, BundleError) as error:
        sys.exit(str(error))
    _show(console, report)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    console.print(f"written to {options.report}")


def _run(options: argparse.Namespace) -> dict[str, Any]:
    catalog = published_catalog(options.bundles)
    queries = make_queries(catalog.products, options.queries + WARM_UP, options.seed)
    documents = document_vectors(sorted(set(catalog.texts())))
    torch.set_num_threads(1)
    encoders = _encoders(catalog.folder / "encoder")
    for encoder in encoders.values():
        for query in queries[:WARM_UP]:
            encoder(query)
    vectors, took_ms = measure(encoders, queries[WARM_UP:])
    reference = nearest(vectors[TORCH], documents)
    middle = {name: median(times) for name, times in took_ms.items()}
    return {
        **machine(),
        "bundle": catalog.version,
        "queries": options.queries,
        "catalog_texts": len(documents),
        "encoders": {
            name: {
                "p50_ms": middle[name],
                "p99_ms": percentile(times, 99),
                "times_faster_than_torch": middle[TORCH] / middle[name],
                f"overlap_at_{NEAREST}": overlap(nearest(vectors[name], documents), reference),
            }
            for name, times in took_ms.items()
        },
    }


def _encoders(folder: Path) -> dict[str, Encode]:
    reference = SentenceTransformer(str(weights_folder()), device="cpu")
    engine = open_engine("onnx", folder, threads=1)

    def on_torch(text: str) -> Vectors:
        with torch.inference_mode():
            return np.asarray(reference.encode([text], normalize_embeddings=True, show_progress_bar=False))

    return {
        TORCH: on_torch,
        ONNX_FP32: lambda text: encode(engine, [text], "document"),
        ONNX_INT8: lambda text: encode(engine, [text], "query"),
    }


def measure(encoders: dict[str, Encode], queries: list[str]) -> tuple[dict[str, Vectors], dict[str, list[float]]]:
    """By encoder: the vectors [n, dimension] and the milliseconds of each query. The encoders take turns, block by block."""
    vectors: dict[str, list[Vectors]] = {name: [] for name in encoders}
    took_ms: dict[str, list[float]] = {name: [] for name in encoders}
    for start in range(0, len(queries), BLOCK):
        for name, encoder in encoders.items():
            for query in queries[start : start + BLOCK]:
                started_at = time.perf_counter()
                vector = encoder(query)
                took_ms[name].append((time.perf_counter() - started_at) * 1000)
                vectors[name].append(vector)
    return {name: np.concatenate(found) for name, found in vectors.items()}, took_ms


def nearest(queries: Vectors, documents: Vectors) -> Rows:
    """The documents with the largest inner products, in no particular order."""
    return np.argpartition(-(queries @ documents.T), NEAREST - 1, axis=1)[:, :NEAREST]


def overlap(found: Rows, reference: Rows) -> float:
    """Mean share of the reference's neighbors that were found."""
    shared = sum(len(np.intersect1d(ours, theirs)) for ours, theirs in zip(found, reference, strict=True))
    return shared / reference.size


def _show(console: Console, report: dict[str, Any]) -> None:
    table = Table(title=f"{report['queries']} distinct queries, batch 1, 1 thread", title_justify="left")
    table.add_column("encoder")
    for heading in ("p50 ms", "p99 ms", "times torch", f"overlap@{NEAREST} with fp32"):
        table.add_column(heading, justify="right")
    for name, one in report["encoders"].items():
        table.add_row(
            name,
            f"{one['p50_ms']:.2f}",
            f"{one['p99_ms']:.2f}",
            f"{one['times_faster_than_torch']:.1f}",
            f"{one[f'overlap_at_{NEAREST}']:.3f}",
        )
    console.print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__)
    parser.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="folder of published bundles")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20_251_124)
    parser.add_argument("--report", type=Path, default=REPORTS / "encoder.json")
    return parser


if __name__ == "__main__":
    main()
