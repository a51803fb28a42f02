"""Earlier answers, used while the retriever is out."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import orjson

from shelfwise.clients import Question
from shelfwise.contracts.asked import Asked

Item = dict[str, Any]

BETTER_S = 300.0
"""How long an answer is kept against a later one to the same question with fewer products, or as many without reasons."""

ERASED_S = 60.0
"""How long nothing is remembered of a forgotten user: longer than any answer takes that still knew what the user did."""

_TIDY_S = 60.0


@dataclass(frozen=True, slots=True)
class Held:
    """`items` of an earlier answer, the bundle it came from, and its other fields in `said`."""

    bundle: str
    items: list[Item]
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Good:
    """An answer to remember."""

    bundle: str
    items: bytes  # a JSON list, which the answer needed anyway
    worth: tuple[int, bool]  # how many items, and whether they have reasons
    user_id: str | None
    said: bytes = b"{}"  # JSON: the answer's other fields that hold whenever the same is asked


class LastGood:
    """Remembers good answers within `budget` bytes and for `keep_s` seconds; the oldest are dropped first."""

    def __init__(self, budget: int, keep_s: float) -> None:
        self._budget = budget
        self._keep_s = keep_s
        self._size = 0
        # Both in the order of their times, which are on the monotonic clock.
        self._answers: OrderedDict[bytes, tuple[float, Good]] = OrderedDict()
        self._forgotten: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def remember(self, key: bytes, good: Good) -> None:
        """Keep the answer, unless a better one is held; `key` is the question's `key_of`."""
        self._drop_old()
        if good.user_id in self._forgotten:
            return
        now_s = time.monotonic()
        held_s, held = self._answers.get(key, (now_s, good))
        if held.worth > good.worth and held.bundle == good.bundle and now_s - held_s < BETTER_S:
            return
        self._drop(key)
        self._answers[key] = now_s, good
        self._size += _size(key, good)
        while self._size > self._budget:
            self._drop(next(iter(self._answers)))

    def answer(self, key: bytes) -> Held | None:
        """The best recent answer to the same question."""
        self._drop_old()
        if key not in self._answers:
            return None
        _, good = self._answers[key]
        return Held(good.bundle, orjson.loads(good.items), orjson.loads(good.said))

    def forget(self, user_id: str) -> None:
        """Drop all answers of this user, since they show what the user did; answers under way are not remembered."""
        self._forgotten.pop(user_id, None)
        self._forgotten[user_id] = time.monotonic()
        for key in [key for key, (_, held) in self._answers.items() if held.user_id == user_id]:
            self._drop(key)

    async def keep_tidy(self) -> None:
        """Drop old answers, even while nobody asks; run as a task of the lifespan."""
        while True:
            await asyncio.sleep(min(self._keep_s, _TIDY_S))
            self._drop_old()

    def _drop_old(self) -> None:
        now_s = time.monotonic()
        while self._answers and next(iter(self._answers.values()))[0] < now_s - self._keep_s:
            self._drop(next(iter(self._answers)))
        while self._forgotten and next(iter(self._forgotten.values())) < now_s - ERASED_S:
            self._forgotten.popitem(last=False)

    def _drop(self, key: bytes) -> None:
        if key in self._answers:
            self._size -= _size(key, self._answers.pop(key)[1])


def _size(key: bytes, good: Good) -> int:
    return len(key) + len(good.items) + len(good.said)


def key_of(scenario: str, question: Question, asked: Asked) -> bytes:
    """Questions with one key want the same products for the same shopper; products that they exclude are removed afterwards."""
    text = question.text.casefold() if question.text is not None else None
    parts = [scenario, text, question.correct, question.seeds, asked.user_id, asked.session_id, question.filter]
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
