"""Vectors in memory."""

import numpy as np
import pytest

from shelfwise.contracts.vectors import VectorSpace
from shelfwise_retriever import vectors as module
from shelfwise_retriever.vectors import Vectors

SPACE = VectorSpace(model="test", dimension=8, normalized=False)


def _place(vectors: Vectors) -> int:
    """The address of the vectors in memory."""
    return int(vectors._flat.get_xb())


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 100, 1_000, 1_024])
@pytest.mark.parametrize("chunk", [7, 64, 4_096])
def test_vectors_are_kept_unchanged(monkeypatch: pytest.MonkeyPatch, count: int, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    array = np.arange(count * 8, dtype=np.float32).reshape(count, 8)
    kept = Vectors.of(array, SPACE)
    assert kept.count == count
    np.testing.assert_array_equal(kept.part(0, count), array)


@pytest.mark.parametrize("count", [160, 1_000, 1_024])
@pytest.mark.parametrize("chunk", [64, 4_096])
def test_an_eighth_more_vectors_are_added_without_a_copy(monkeypatch: pytest.MonkeyPatch, count: int, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    array = np.arange(count * 8, dtype=np.float32).reshape(count, 8)
    kept = Vectors.of(array, SPACE)
    before = _place(kept)
    for row in range(count // 8):
        kept.add(array[row : row + 1])
    assert _place(kept) == before
    np.testing.assert_array_equal(kept.part(0, count), array)
    np.testing.assert_array_equal(kept.part(count, kept.count), array[: count // 8])
