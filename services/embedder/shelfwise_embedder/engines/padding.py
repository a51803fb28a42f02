"""Pads token ids of different lengths to a rectangle."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_embedder.engines.base import TokenIds


def padded(batch: Sequence[TokenIds]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ids (padded with 0 on the right) and mask (1 for real tokens), both int32 [len(batch), longest]."""
    if len(batch) == 1:
        ids = np.array(batch, dtype=np.int32)
        return ids, np.ones_like(ids)
    lengths = np.fromiter(map(len, batch), dtype=np.int32, count=len(batch))
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int32)
    ids = np.zeros_like(mask)
    ids[mask == 1] = np.concatenate([np.asarray(text, dtype=np.int32) for text in batch])
    return ids, mask
