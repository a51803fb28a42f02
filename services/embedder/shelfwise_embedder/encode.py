"""Encodes many texts with an engine, outside any service: for the build, the start-up check and tests."""

from collections.abc import Sequence

import numpy as np

from shelfwise.contracts.embed import TextKind
from shelfwise_embedder.engines.base import Engine, Vectors
from shelfwise_embedder.plan import plan_batches


def encode(engine: Engine, texts: Sequence[str], kind: TextKind, *, token_budget: int = 512) -> Vectors:
    """The vectors of `texts`, [len(texts), dimension], in their order."""
    tokens = engine.tokenize(texts)
    vectors = np.empty((len(texts), engine.space.dimension), dtype=np.float32)
    for batch in plan_batches([len(ids) for ids in tokens], token_budget):
        vectors[batch] = engine.encode_tokens([tokens[position] for position in batch], kind)
    return vectors
