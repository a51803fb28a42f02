"""Behavior saved to a file and loaded from it."""

from pathlib import Path

import numpy as np
import pytest

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.behavior import FILE, Behavior, Space
from tests.support.behavior import behavior, space


def random_space(count: int, dimension: int) -> Space:
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((2, count, dimension)).astype(np.float32)
    before, after = vectors / np.linalg.norm(vectors, axis=2, keepdims=True)
    return Space.of(np.arange(0, 2 * count, 2, dtype=np.int32), before, after)


def test_behavior_survives_saving_and_loading(tmp_path: Path) -> None:
    small = space({0: [1, 0], 2: [0, 1]}, {0: [0, 1], 2: [1, 0]})
    kept = behavior(3, together={0: {1: 0.5}}, users={2: {0: 1.0}}, vectors=small, trending={1: 2.0})
    kept.save(tmp_path / "behavior")
    found = Behavior.load(tmp_path / "behavior")
    assert found.count == 3
    assert found.together.of_row(0)[1].tolist() == [0.5]
    assert found.users.of_row(2)[0].tolist() == [0]
    assert found.learned.of_row(1)[0].tolist() == []
    assert found.space.rows.tolist() == [0, 2]
    assert found.space.after.tolist() == small.after.tolist()
    assert found.space.index is None
    assert found.trending.tolist() == [0, 2, 0]
    assert found.facts() == {"lists": {"together": 1, "learned": 0, "users": 1}, "vectors": 2, "trending": 1}


def test_a_loaded_large_space_has_its_saved_index(tmp_path: Path) -> None:
    large = random_space(2_500, 16)
    assert large.index is not None
    kept = behavior(5_000, vectors=large)
    kept.save(tmp_path)
    found = Behavior.load(tmp_path).space
    assert found.plan == large.plan
    query = large.after[:5]
    assert found.index.search(query, 20)[1].tolist() == large.index.search(query, 20)[1].tolist()


def test_a_missing_or_invalid_behavior_file_raises_bundle_damaged(tmp_path: Path) -> None:
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        Behavior.load(tmp_path)
    (tmp_path / FILE).write_bytes(b"not tensors at all")
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        Behavior.load(tmp_path)
