"""Builds a shop's behavior by hand."""

from collections.abc import Mapping

import numpy as np

from shelfwise_retriever.behavior import Behavior, Neighbours, Space


def lists(count: int, entries: Mapping[int, Mapping[int, float]]) -> Neighbours:
    """The list of each row that has one."""
    sizes = [len(entries.get(row, {})) for row in range(count)]
    flat = [pair for row in range(count) for pair in entries.get(row, {}).items()]
    return Neighbours.of(
        np.cumsum([0, *sizes]).astype(np.int64),
        np.array([row for row, _ in flat], np.int32),
        np.array([score for _, score in flat], np.float32),
    )


def space(after: Mapping[int, list[float]], before: Mapping[int, list[float]]) -> Space:
    """Unit vectors by row; the same rows have both."""
    rows = sorted(after)

    def unit(vectors: Mapping[int, list[float]]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        array = np.array([vectors[row] for row in rows], np.float32)
        return np.asarray(array / np.linalg.norm(array, axis=1, keepdims=True), np.float32)

    return Space.of(np.array(rows, np.int32), unit(before), unit(after))


def behavior(
    count: int,
    *,
    together: Mapping[int, Mapping[int, float]] | None = None,
    learned: Mapping[int, Mapping[int, float]] | None = None,
    users: Mapping[int, Mapping[int, float]] | None = None,
    vectors: Space | None = None,
    trending: Mapping[int, float] | None = None,
) -> Behavior:
    """The behavior of `count` products, empty but for what is given by row."""
    trend = np.zeros(count, np.float32)
    for row, value in (trending or {}).items():
        trend[row] = value
    return Behavior(
        lists(count, together or {}), lists(count, learned or {}), lists(count, users or {}), vectors or Space.none(), trend
    )
