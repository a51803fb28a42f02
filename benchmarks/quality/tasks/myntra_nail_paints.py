"""myntra-fashion, day 0: "nail paints" must find nail polish."""

import polars as pl

from benchmarks.quality.data import myntra
from benchmarks.quality.judging import PRECISION_10, Against
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.searching import peers

QUERY = "nail paints"
RIGHT = "Nail Polish"


def build(data: Dataset) -> Task:
    """One question. Every product whose narrowest category is nail polish is right."""
    polishes = data.products.filter(pl.col("category").list.last() == RIGHT)["product_id"].to_list()
    return Task(
        Known(data.products),
        [Question(QUERY, text=QUERY)],
        Against({QUERY: dict.fromkeys(polishes, 1.0)}, {"precision@10": PRECISION_10}),
        peers(),
        depth=10,
    )


SPEC = TaskSpec(
    "myntra-nail-paints",
    "myntra-fashion, «nail paints» on day 0",
    "A fashion shop of 44,439 products without any event, 329 of them nail polishes, none of which says «nail paints». One "
    "question, so no interval: how many of the ten products shown are nail polishes?",
    myntra.read,
    build,
)
