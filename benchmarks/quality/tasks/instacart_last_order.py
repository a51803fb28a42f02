"""instacart-sample: every user's last order."""

from datetime import timedelta

from benchmarks.quality.data import instacart
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.groceries import MEASURES, peers
from benchmarks.quality.tasks.next_basket import Times, next_basket

FROZEN_AT = instacart.LAST_ORDER
TIMES = Times(FROZEN_AT - timedelta(days=60), FROZEN_AT - timedelta(days=30), FROZEN_AT)


def build(data: Dataset) -> Task:
    """The task for the orders as dated by `instacart.read`."""
    return next_basket(data.lines, data.products, TIMES, MEASURES, peers(), new_only=False)


SPEC = TaskSpec(
    "instacart-last-order",
    "instacart-sample, last order held out",
    "Grocery deliveries of 592 users; the last order of each is hidden from all. Asked for each user: what does it hold?",
    instacart.read,
    build,
    FROZEN_AT,
)
