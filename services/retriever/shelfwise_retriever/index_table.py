"""Which index to use for how many vectors: one table, every row measured."""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field


class IndexPlan(BaseModel):
    """How the dense source searches; `dense.json` of a bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: str = Field(description='FAISS factory string; "exact" when every vector is scored.')
    shortlist: int = Field(ge=1, description="Vectors that are scored exactly for an answer of 100.")
    nprobe: int | None = Field(None, description="Cells that are searched, where the index has cells.")
    exact_below: int = Field(ge=0, description="A filter that leaves at most so many vectors has all of them scored.")
    vectors: int = Field(ge=0)
    dimension: int = Field(ge=1)
    recall_at_100: float = Field(1.0, ge=0, le=1, description="Against exact search, measured when the bundle was built.")
    ms: float = Field(0.0, ge=0, description="Median milliseconds of one search on one core, measured at the same time.")


EXACT = "exact"


class TableRow(NamedTuple):
    """`recall` and `ms`: 384 dimensions, real titles against real shop queries, one core; see `benchmarks/`."""

    up_to: float
    factory: str
    shortlist: int
    searched: int | None  # one cell in this many is searched
    exact_below: int
    recall: float
    ms: float


# PQ with a 4-bit code for every two dimensions, scanned in registers, beats cells with 8-bit codes here: a scan cannot miss a
# neighbour by searching the wrong cell, and exact scores correct the order of its coarse codes. 65,599 vectors: recall .999 in
# 0.35 ms; 512 cells with 8-bit codes, 64 of them searched: .97 in 0.44 ms, and .87 for the queries of another kind of shop.
# 300,000 vectors: .997 in 1.4 ms; a quarter of 1,024 cells: .92 in 1.0 ms. So only the last row uses cells.
TABLE = (
    TableRow(2_000, EXACT, 100, None, 2_000, 1.0, 0.1),
    TableRow(50_000, "PQ{half}x4fs", 500, None, 3_000, 0.999, 0.16),
    TableRow(250_000, "PQ{half}x4fs", 500, None, 8_000, 0.999, 0.4),
    TableRow(1_000_000, "PQ{half}x4fs", 500, None, 20_000, 0.997, 1.4),
    TableRow(float("inf"), "IVF{cells},PQ{half}x4fs", 500, 4, 20_000, 0.92, 1.0),
)


def plan_for(count: int, dimension: int) -> IndexPlan:
    """The plan from the table's row for `count` vectors."""
    row = next(row for row in TABLE if count <= row.up_to)
    cells = 1 << max(4, round(2 * count**0.5).bit_length())
    return IndexPlan(
        index=row.factory.format(half=(dimension + 1) // 2, cells=cells),
        shortlist=row.shortlist,
        nprobe=cells // row.searched if row.searched else None,
        exact_below=row.exact_below,
        vectors=count,
        dimension=dimension,
    )
