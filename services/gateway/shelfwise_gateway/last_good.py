"""Answers of the past, for the time when the retriever is out."""

import time
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


@dataclass(frozen=True, slots=True)
class _Answer:
    bundle: str
    encoded: bytes
    user_id: str | None
    at_s: float  # on the monotonic clock


class LastGood:
    """Remembers good answers within `budget` bytes and for `keep_s` seconds; the least recently given ones go first."""

    def __init__(self, budget: int, keep_s: float) -> None:
        self._budget = budget
        self._keep_s = keep_s
        self._size = 0
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def remember(self, key: bytes, bundle: str, encoded: bytes, user_id: str | None) -> None:
        """`encoded` is the list of items as JSON, which the answer needed anyway; `key` is `key_of` the question."""
        self._drop(key)
        self._answers[key] = _Answer(bundle, encoded, user_id, time.monotonic())
        self._size += len(key) + len(encoded)
        while self._size > self._budget:
            self._drop(next(iter(self._answers)))

    def answer(self, key: bytes) -> Held | None:
        """The last answer to the same question."""
        self._drop_old()
        found = self._answers.get(key)
        return None if found is None else Held(found.bundle, orjson.loads(found.encoded))

    def forget(self, user_id: str) -> None:
        """Drop every answer that was this user's: it shows what the user did."""
        for key in [key for key, held in self._answers.items() if held.user_id == user_id]:
            self._drop(key)

    def _drop_old(self) -> None:
        oldest_s = time.monotonic() - self._keep_s
        while self._answers:
            key, held = next(iter(self._answers.items()))
            if held.at_s >= oldest_s:
                return
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        gone = self._answers.pop(key, None)
        if gone is not None:
            self._size -= len(key) + len(gone.encoded)


def key_of(scenario: str, question: Question, asked: Asked) -> bytes:
    """Two questions with one key want the same products for the same shopper; what they exclude is left out afterwards."""
    text = question.text.casefold() if question.text is not None else None
    parts = [scenario, text, question.correct, question.seeds, asked.user_id, asked.session_id, question.filter]
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
