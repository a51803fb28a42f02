"""One table determines which index is used for how many vectors."""

import pytest

from shelfwise_retriever.index_table import EXACT, TABLE, plan_for


@pytest.mark.parametrize(
    ("count", "index", "nprobe"),
    [
        (0, EXACT, None),
        (2_000, EXACT, None),
        (2_001, "PQ192x4fs", None),
        (250_000, "PQ192x4fs", None),
        (1_000_000, "PQ192x4fs", None),
        (4_000_000, "IVF4096,PQ192x4fs", 1024),
    ],
)
def test_the_index_plan_depends_on_the_number_of_vectors(count: int, index: str, nprobe: int | None) -> None:
    plan = plan_for(count, 384)
    assert (plan.index, plan.nprobe, plan.vectors, plan.dimension) == (index, nprobe, count, 384)


def test_the_bounds_of_the_table_ascend_to_infinity() -> None:
    bounds = [row.up_to for row in TABLE]
    assert bounds == sorted(bounds)
    assert bounds[-1] == float("inf")
