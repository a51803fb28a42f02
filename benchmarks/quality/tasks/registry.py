"""All tasks, in the order of the report."""

from benchmarks.quality.task import TaskSpec
from benchmarks.quality.tasks import (
    completejourney_for_you,
    home_depot_rerank,
    home_depot_retrieval,
    home_depot_typo,
    instacart_last_order,
    myntra_filter,
    myntra_nail_paints,
    online_retail_for_you,
    online_retail_together,
)

TASKS: tuple[TaskSpec, ...] = (
    online_retail_for_you.ALL,
    online_retail_for_you.NEW,
    online_retail_together.SPEC,
    completejourney_for_you.SPEC,
    instacart_last_order.SPEC,
    home_depot_rerank.SPEC,
    home_depot_retrieval.SPEC,
    home_depot_typo.SPEC,
    myntra_nail_paints.SPEC,
    myntra_filter.SPEC,
)
