"""The "for you" protocol: the first basket that a user with a past buys after a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from benchmarks.quality.data.canonical import events
from benchmarks.quality.judging import Against, Measure
from benchmarks.quality.protocol import Known, Question, System
from benchmarks.quality.task import Task


@dataclass(frozen=True, slots=True)
class Times:
    """A trained system takes labels from the first moment to the second, validates to the third, and knows nothing later."""

    labels_from: datetime
    validation_from: datetime
    frozen_at: datetime


def next_basket(
    lines: pl.DataFrame,
    products: pl.DataFrame,
    times: Times,
    measures: dict[str, Measure],
    peers: Sequence[System],
    *,
    new_only: bool,
) -> Task:
    """A question for each user who bought before and after `times.frozen_at`. The products of the first basket after it are
    right. The question is asked when that basket is bought, as by a page that the user visits; nothing in between is known.

    Products that were unknown at `times.frozen_at` do not count. `new_only`: products that the user had bought before do not
    count either, and no system may answer them. A basket without new products makes no question.
    """
    past = lines.filter(pl.col("timestamp") < times.frozen_at)
    bought = lines.filter(pl.col("type") == "purchase", pl.col("user_id").is_not_null())
    owned = bought.filter(pl.col("timestamp") < times.frozen_at).group_by("user_id").agg(owned=pl.col("product_id").unique())
    future = bought.filter(pl.col("timestamp") >= times.frozen_at)
    first = future.group_by("user_id", maintain_order=True).agg(pl.col("session_id").first())
    baskets = (
        future.join(first, on=["user_id", "session_id"], how="semi", maintain_order="left")
        .join(products.select("product_id"), on="product_id", how="semi", maintain_order="left")
        .group_by("user_id")
        .agg(bought=pl.col("product_id").unique(maintain_order=True), came=pl.col("timestamp").first())
        .join(owned, on="user_id")
        .sort("user_id")
    )
    if new_only:
        baskets = baskets.with_columns(bought=pl.col("bought").list.set_difference("owned")).filter(
            pl.col("bought").list.len() > 0
        )
    rows = baskets.select("user_id", "bought", "owned", "came").rows()
    return Task(
        Known(
            products, events(past), moment=times.frozen_at, labels_from=times.labels_from, validation_from=times.validation_from
        ),
        [
            Question(user, user=user, exclude=frozenset(before) if new_only else frozenset(), asked_at=came)
            for user, _, before, came in rows
        ],
        Against({user: dict.fromkeys(bought, 1.0) for user, bought, _, _ in rows}, measures),
        peers,
        depth=10,
    )
