"""Answers of the past, for the time when the retriever is out."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from shelfwise.clients import Question
from shelfwise.contracts.asked import Asked

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """`items` of an earlier answer, and the bundle it came from."""

    bundle: str
    items: list[Item]


class LastGood:
    """Remembers good answers within `budget` bytes; the least recently given ones go first."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._size = 0
        self._answers: OrderedDict[bytes, tuple[str, bytes]] = OrderedDict()

    def remember(self, key: bytes, bundle: str, encoded: bytes) -> None:
        """`encoded` is the list of items as JSON, which the answer needed anyway; `key` is `key_of` the question."""
        self._forget(key)
        self._answers[key] = (bundle, encoded)
        self._size += len(key) + len(encoded)
        while self._size > self._budget:
            self._forget(next(iter(self._answers)))

    def answer(self, key: bytes) -> Held | None:
        """The last answer to the same question."""
        found = self._answers.get(key)
        return None if found is None else Held(found[0], orjson.loads(found[1]))

    def _forget(self, key: bytes) -> None:
        gone = self._answers.pop(key, None)
        if gone is not None:
            self._size -= len(key) + len(gone[1])


def key_of(scenario: str, question: Question, asked: Asked) -> bytes:
    """Two questions with one key want the same products for the same shopper; what they exclude is left out afterwards."""
    text = question.text.casefold() if question.text is not None else None
    parts = [scenario, text, question.correct, question.seeds, asked.user_id, asked.session_id, question.filter]
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
