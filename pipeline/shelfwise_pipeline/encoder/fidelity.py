"""Measures what 8-bit queries cost in search quality. The result is published with every bundle."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shelfwise_embedder.description import Fidelity
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine, Vectors

NEIGHBORS: Final = 10
QUERIES: Final = 500
AT_ONCE: Final = 16
"""Queries compared with all documents at once. A million documents then take 200 MB."""
_SEED: Final = 20


def measure_fidelity(engine: Engine, texts: Sequence[str], vectors: Vectors, queries: int = QUERIES) -> Fidelity | None:
    """Compare the nearest documents of 8-bit and fp32 queries.

    `vectors` are the fp32 vectors of the distinct `texts`, [len(texts), dimension]. A sample of the texts serves as queries,
    and a text is not counted among its own neighbors. Return None if there are too few texts for ten neighbors.
    """
    if len(texts) <= NEIGHBORS:
        return None
    sample = np.random.default_rng(_SEED).choice(len(texts), size=min(queries, len(texts)), replace=False)
    # One by one, as queries arrive.
    eight_bit = np.concatenate([encode(engine, [texts[row]], "query") for row in sample])
    precise = vectors[sample]
    same = _nearest(eight_bit, vectors, sample)[:, :, None] == _nearest(precise, vectors, sample)[:, None, :]
    cosines = np.einsum("nd,nd->n", eight_bit, precise)
    return Fidelity(
        overlap_at_10=round(float(same.any(axis=2).mean()), 4),
        cosine_mean=round(float(cosines.mean()), 5),
        cosine_min=round(float(cosines.min()), 5),
        queries=len(sample),
        documents=len(texts),
    )


def _nearest(queries: Vectors, documents: Vectors, own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of the nearest documents, except the query's own, [queries, NEIGHBORS], in no particular order."""
    found = []
    for start in range(0, len(queries), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        away = queries[part] @ documents.T
        np.negative(away, out=away)
        away[np.arange(len(away)), own[part]] = np.inf
        # A copy; a view would keep the order of all documents in memory.
        found.append(np.argpartition(away, NEIGHBORS, axis=1)[:, :NEIGHBORS].copy())
    return np.concatenate(found)
