"""Invents changes to a catalog as a shop makes them: prices, new products with old and new titles, new titles, deletions."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.changes.changing import ProductChange
from shelfwise_retriever.indexes import Indexes, text_of
from shelfwise_retriever.retrieve import Retriever

KINDS = {"price": 0.4, "new": 0.25, "new with a known text": 0.1, "title": 0.15, "delete": 0.1}
"""Share of each kind of change."""


class Inventor:
    """Draws changes to the products that the retriever holds at that time. The same seed gives the same changes."""

    def __init__(self, retriever: Retriever, seed: int = 1) -> None:
        self._retriever = retriever
        self._draw = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._ids = list(retriever.catalog.ids)
        self._made = 0

    def changes(self, count: int) -> Iterator[ProductChange]:
        """Each change is drawn when it is requested, so all earlier ones must have been applied."""
        for _ in range(count):
            kind = self._draw.choices(list(KINDS), list(KINDS.values()))[0]
            yield self._change(kind)

    def _change(self, kind: str) -> ProductChange:
        place = self._draw.randrange(len(self._ids))
        product_id = self._ids[place]
        product = self._product(product_id)
        if kind == "delete":
            self._ids[place] = self._ids[-1]
            self._ids.pop()
            return ProductChange(product_id, None)
        if kind == "price":
            return ProductChange(product_id, {**product, "price": round(self._draw.uniform(1, 50), 2)})
        self._made += 1
        if kind.startswith("new"):
            product = {**product, "product_id": f"made-{self._made}"}
            self._ids.append(product["product_id"])
        if kind == "new with a known text":
            return ProductChange(product["product_id"], product)
        other = self._product(self._ids[self._draw.randrange(len(self._ids) - 1)])
        product["title"] = self._title(product["title"], other["title"])
        return ProductChange(product["product_id"], product, self._vector(product, other))

    def _product(self, product_id: str) -> dict[str, Any]:
        return self._retriever.catalog.product(self._retriever.catalog.row(product_id))

    def _title(self, one: str, other: str) -> str:
        words = [*one.split(), *other.split()]
        return " ".join([*self._draw.sample(words, min(len(words), 4)), str(self._made)])

    def _vector(self, product: dict[str, Any], other: dict[str, Any]) -> NDArray[np.float32]:
        """A vector between those of the two products whose words the title has, with some noise, as an encoder might give."""
        indexes = self._indexes
        number = indexes.numberings.texts.get(text_of(product))
        if number is not None:
            return indexes.vectors[number]
        near = indexes.vector_of(self._retriever.catalog.row(other["product_id"]))
        known = self._retriever.catalog.find(product["product_id"])
        here = near if known is None else indexes.vector_of(known)
        mixed = near + here + self._noise.normal(0, 0.02, len(near))
        return np.asarray(mixed / np.linalg.norm(mixed), np.float32)

    @property
    def _indexes(self) -> Indexes:
        assert self._retriever.changing is not None
        return self._retriever.changing.indexes
