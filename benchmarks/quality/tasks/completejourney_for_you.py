"""completejourney, for you: the first basket of December."""

import polars as pl

from benchmarks.quality.data import completejourney
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.groceries import MEASURES, peers
from benchmarks.quality.tasks.moments import utc
from benchmarks.quality.tasks.next_basket import Times, next_basket

TIMES = Times(labels_from=utc(2017, 10, 1), validation_from=utc(2017, 11, 1), frozen_at=utc(2017, 12, 1))


def build(data: Dataset) -> Task:
    """The task for the demo shop's products and purchases."""
    known = data.lines.filter(pl.col("timestamp") < TIMES.frozen_at)
    products = completejourney.catalog(data.products, known)
    return next_basket(data.lines, products, TIMES, MEASURES, peers(), new_only=False)


SPEC = TaskSpec(
    "completejourney-for-you",
    "completejourney, for you",
    "A grocer's households in 2017. Trained systems use features up to September with labels of October, and "
    "validate on November; asked for each household with everything before December known: what does its first "
    "basket of December hold? Fuel, coupons and deposits are neither asked for nor answered.",
    completejourney.read,
    build,
    TIMES.frozen_at,
)
