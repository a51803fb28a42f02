"""The "bought together" protocol: the rest of a basket from its first product."""

from collections.abc import Sequence

import polars as pl

from benchmarks.quality.data.canonical import events
from benchmarks.quality.judging import Against, Measure
from benchmarks.quality.protocol import Known, Question, System
from benchmarks.quality.task import Task
from benchmarks.quality.tasks.next_basket import Times


def rest_of_basket(
    lines: pl.DataFrame, products: pl.DataFrame, times: Times, measures: dict[str, Measure], peers: Sequence[System]
) -> Task:
    """A question for each basket from `times.frozen_at` on whose first product is known and that has another known product.

    `lines`: in the order in which a basket's products were chosen. A basket that was partly bought before makes no question.
    """
    known = set(products["product_id"])
    bought = lines.filter(pl.col("type") == "purchase")
    future = pl.col("timestamp") >= times.frozen_at
    later = bought.filter(future).join(bought.filter(~future), on="session_id", how="anti", maintain_order="left")
    baskets = (
        later.group_by("session_id", maintain_order=True)
        .agg(pl.col("product_id").unique(maintain_order=True), pl.col("user_id").drop_nulls().first())
        .rows()
    )
    asked = {
        basket: (chosen[0], rest)
        for basket, chosen, _ in baskets
        if chosen[0] in known and (rest := [product for product in chosen[1:] if product in known])
    }
    return Task(
        Known(
            products,
            events(lines.filter(~future)),
            moment=times.frozen_at,
            labels_from=times.labels_from,
            validation_from=times.validation_from,
        ),
        [Question(basket, seeds=(first,)) for basket, (first, _) in asked.items()],
        Against({basket: dict.fromkeys(rest, 1.0) for basket, (_, rest) in asked.items()}, measures),
        peers,
        depth=10,
        buyers={basket: user for basket, _, user in baskets if user is not None and basket in asked},
    )
