"""Embeds a whole catalog in fp32, as fast as the machine can multiply."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Final

import numpy as np

from shelfwise_embedder.engines.base import Engine, Vectors
from shelfwise_embedder.plan import plan_batches
from shelfwise_pipeline.encoder.vector_cache import VectorFile, key_of

Progress = Callable[[int, int], None]
"""Called with (texts done, all texts) after every batch."""

BATCH_TOKENS: Final = 512
"""Measured: larger batches exceed the core's cache, smaller ones cost more calls."""


def embed_texts(
    engine: Engine, texts: Sequence[str], *, threads: int = 2, known: VectorFile | None = None, progress: Progress | None = None
) -> Vectors:
    """Return the vectors of the distinct `texts` as documents, [len(texts), dimension], in their order.

    The `encode_tokens` of `engine` must be thread-safe (onnx, with one thread each; fake): whole batches in parallel use the
    cores better than one batch split over them. Texts found in `known` are not computed again, and `known` is updated.
    """
    vectors = np.empty((len(texts), engine.space.dimension), dtype=np.float32)
    earlier = known.read() if known else {}
    missing: list[int] = []
    for row, text in enumerate(texts):
        vector = earlier.get(key_of(text)) if earlier else None
        if vector is None:
            missing.append(row)
        else:
            vectors[row] = vector
    tokens = dict(zip(missing, engine.tokenize([texts[row] for row in missing]), strict=True))
    done = len(texts) - len(missing)

    def compute(rows: list[int]) -> int:
        vectors[rows] = engine.encode_tokens([tokens[row] for row in rows], "document")
        return len(rows)

    plan = plan_batches([len(tokens[row]) for row in missing], BATCH_TOKENS)
    with ThreadPoolExecutor(threads, thread_name_prefix="embed") as pool:
        # The longest first, so that no thread is left alone with a long batch at the end.
        running = [pool.submit(compute, [missing[position] for position in batch]) for batch in reversed(plan)]
        for finished in as_completed(running):
            done += finished.result()
            if progress:
                progress(done, len(texts))
    if known and missing:
        known.write(texts, vectors)
    return vectors
