"""The effect of a batch of writes on the stored products, computed before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shelfwise.errors import ShelfwiseError
from shelfwise_retriever.indexes import text_of
from shelfwise_retriever.writing.merging import Product, Write, after


@dataclass(slots=True)
class Plan:
    """`upserts` and `deletes` are the net effect. By place in the batch, `changing` has the writes that change a product, and
    `refused` the error of each write that is left out."""

    upserts: dict[str, Product] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)
    changing: set[int] = field(default_factory=set)
    refused: dict[int, ShelfwiseError] = field(default_factory=dict)

    @classmethod
    def of(
        cls, writes: Sequence[Write], there: Mapping[str, Product], unembedded: Mapping[str, ShelfwiseError], now: datetime
    ) -> "Plan":
        """`there`: the stored products; `unembedded`: texts without a vector, and why; no product may change to one of them."""
        plan = cls()
        current: dict[str, Product | None] = dict(there)
        for place, write in enumerate(writes):
            before = current.get(write.product_id)
            try:
                product = after(write, before, now)
                if product is not None and product != before and (problem := unembedded.get(text_of(product))) is not None:
                    raise problem
            except ShelfwiseError as error:
                plan.refused[place] = error
                continue
            current[write.product_id] = product
            if product != before:
                plan.changing.add(place)
        for product_id, product in current.items():
            stored = there.get(product_id)
            if product is None:
                if stored is not None:
                    plan.deletes.add(product_id)
            elif product != stored:
                plan.upserts[product_id] = product
        return plan
