"""Answers of the past, for the time when the retriever is out."""

from collections import Counter, OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from shelfwise.clients import Question

Item = dict[str, Any]

POPULAR = 200
"""How many of the products shown most are known, and so the most a list of them can have."""

_SHOWN_FIRST = 3
"""Of an answer, so many count as shown: further down hardly anyone looks."""


@dataclass(frozen=True, slots=True)
class Held:
    """`items` of an earlier answer, and the bundle it came from."""

    bundle: str
    items: list[Item]


class LastGood:
    """Remembers good answers within `budget` bytes, the least recently given ones go first; and what was shown most."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._size = 0
        self._answers: OrderedDict[bytes, tuple[str, bytes]] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._popular: dict[str, Item] = {}
        self._bundle = ""

    def remember(self, question: Question, bundle: str, items: list[Item], encoded: bytes) -> None:
        """`encoded` is `items` as JSON, which the answer needed anyway."""
        if not items:
            return
        key = _key(question)
        self._forget(key)
        self._answers[key] = (bundle, encoded)
        self._size += len(key) + len(encoded)
        while self._size > self._budget:
            self._forget(next(iter(self._answers)))
        self._count(items)
        self._bundle = bundle

    def answer(self, question: Question, hidden: Collection[str], top_k: int, *, filtered: bool) -> Held | None:
        """The last answer to the same question; else, unless the shopper `filtered` (which cannot be checked here), what was
        shown most. None when there is neither."""
        found = self._answers.get(_key(question))
        if found is not None:
            bundle, items = found[0], orjson.loads(found[1])
        elif not filtered:
            bundle, items = self._bundle, [self._popular[product] for product, _ in self._counts.most_common()]
        else:
            return None
        items = [item for item in items if item["product_id"] not in hidden][:top_k]
        return Held(bundle, items) if items else None

    def _forget(self, key: bytes) -> None:
        gone = self._answers.pop(key, None)
        if gone is not None:
            self._size -= len(key) + len(gone[1])

    def _count(self, items: list[Item]) -> None:
        for item in items[:_SHOWN_FIRST]:
            product = item["product_id"]
            self._counts[product] += 1
            self._popular[product] = item
        if len(self._counts) > 2 * POPULAR:
            # Halving lets yesterday's favourites go; what is left of the rest of the shelf goes with them.
            kept = {product: (count + 1) // 2 for product, count in self._counts.most_common(POPULAR)}
            self._counts = Counter(kept)
            self._popular = {product: self._popular[product] for product in kept}


def _key(question: Question) -> bytes:
    """Two questions with one key want the same products; what they exclude is left out of the answer afterwards."""
    text = question.text.casefold() if question.text is not None else None
    return orjson.dumps([question.kind, text, question.seeds, question.filter], option=orjson.OPT_SORT_KEYS)
