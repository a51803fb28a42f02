"""Fits everything the retriever knows of behavior, from a shop's events."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from shelfwise_pipeline.behavior.learned import learned_and_users
from shelfwise_pipeline.behavior.log import BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan
from shelfwise_pipeline.behavior.sequences import sequence_space
from shelfwise_pipeline.behavior.together import together
from shelfwise_pipeline.behavior.trends import trending
from shelfwise_retriever.behavior import Behavior


def fit_behavior(
    product_ids: Sequence[str], events: pl.DataFrame, as_of: datetime | None = None, plan: BehaviorPlan | None = None
) -> Behavior:
    """Fit the behavior known at `as_of` (at the last event when None).

    Args:
        product_ids: the catalog's, in the order of its rows (`retriever.catalog.ids`).
        events: the columns of the event contract: type, product_id, user_id, session_id, timestamp (UTC). Only those
            strictly before `as_of` count.

    The same events give the same behavior.
    """
    plan = plan or BehaviorPlan()
    log = BehaviorLog.of(product_ids, events, as_of)
    if not len(log):
        return Behavior.empty(len(product_ids))
    learned, users = learned_and_users(log, plan)
    return Behavior(
        together=together(log, plan),
        learned=learned,
        users=users,
        space=sequence_space(log, plan),
        trending=trending(log, plan),
    )
