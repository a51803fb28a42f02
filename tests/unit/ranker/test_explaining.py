"""Reasons computed beside the event loop: one request at a time, a few candidates at once, never past the deadline."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from shelfwise.contracts.rank import RankRequest, RankResponse
from shelfwise.contracts.reason import Reason
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_ranker.explaining import AT_ONCE, Explaining
from shelfwise_ranker.rank import Ranker, Ranking
from shelfwise_ranker.reasons.explanation import Added, Explanation
from shelfwise_ranker.warm_up import warm_up_requests

from .test_catalog_changes import CHANGED

MANY = 5 * AT_ONCE
SLOW_S = 0.02


@pytest.fixture
async def explaining() -> AsyncIterator[Explaining]:
    explaining = Explaining(limit=2)
    yield explaining
    explaining.close()


class Explained:
    """A ranking whose reasons take `slow_s` per slice of candidates; remembers what was weighed and by which threads."""

    def __init__(self, candidates: int = MANY, slow_s: float = SLOW_S) -> None:
        self.weighed: list[int] = []
        self.threads: set[threading.Thread] = set()
        self._slow_s = slow_s
        self._positions = list(range(candidates))

    def __call__(self) -> Awaitable[Ranking]:
        return self._ranking()

    async def _ranking(self) -> Ranking:
        asked = RankRequest(kind="text", text="x", ids=[f"p{place}" for place in self._positions], scores={})
        response = RankResponse(bundle="b", scores=[0.0] * len(self._positions))
        explanation = Explanation(self._positions, self._weigh, self._say)
        return Ranking(response, np.empty((len(self._positions), 0), np.float32), 0.0, asked, explanation)

    def _weigh(self, some: list[int]) -> Added:
        self.threads.add(threading.current_thread())
        time.sleep(self._slow_s)
        self.weighed += some
        return np.array([[float(place)] for place in some])

    def _say(self, some: list[int], added: Added) -> dict[int, Reason]:
        assert threading.current_thread() is threading.main_thread()
        return {
            place: Reason(sentence="s", parts=[], base=value, contributions={})
            for place, value in zip(some, added[:, 0].tolist(), strict=True)
        }


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110 - a thread makes it happen
            await asyncio.sleep(0.001)


async def test_candidates_get_their_own_reasons_and_one_other_thread_weighs_them(explaining: Explaining) -> None:
    ranked = Explained(MANY + 3)
    response = (await explaining.run(ranked, MANY + 3, None)).response
    assert {key: reason.base for key, reason in response.reasons.items()} == {f"p{n}": float(n) for n in range(MANY + 3)}
    assert threading.main_thread() not in ranked.threads
    assert len(ranked.threads) == 1


async def test_the_event_loop_keeps_running_while_reasons_are_computed(explaining: Explaining) -> None:
    task = asyncio.create_task(explaining.run(Explained(slow_s=0.1), MANY, None))
    turns = 0
    while not task.done():
        turns += 1
        await asyncio.sleep(0.005)
    assert turns > 20


async def test_requests_are_explained_in_turn_and_one_beyond_the_limit_is_refused(explaining: Explaining) -> None:
    first, second = Explained(), Explained()
    tasks = [asyncio.create_task(explaining.run(ranked, MANY, None)) for ranked in (first, second)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await explaining.run(lambda: pytest.fail("was ranked"), 1, None)
    await tasks[0]
    assert len(first.weighed) == MANY
    assert len(second.weighed) <= AT_ONCE
    await tasks[1]
    assert explaining.waiting == 0
    await explaining.run(Explained(1), 1, None)


async def test_a_request_whose_turn_comes_after_its_deadline_is_not_ranked(explaining: Explaining) -> None:
    task = asyncio.create_task(explaining.run(Explained(slow_s=0.05), MANY, None))
    await asyncio.sleep(0)
    with pytest.raises(DeadlineExceeded):
        await explaining.run(lambda: pytest.fail("was ranked"), 1, Deadline.after_ms(50))
    assert not task.done()
    await task


async def test_after_slow_requests_short_deadlines_are_refused_only_for_a_while(explaining: Explaining) -> None:
    for _ in range(4):
        await explaining.run(Explained(), MANY, None)
    refused = 0
    while refused < 100:
        ranked = Explained(MANY, slow_s=0.0)
        try:
            await explaining.run(ranked, MANY, Deadline.after_ms(40))
            break
        except DeadlineExceeded:
            refused += 1
            assert ranked.weighed == []
    assert 0 < refused < 30


async def test_explaining_stops_at_the_deadline_and_when_the_caller_goes_away(explaining: Explaining) -> None:
    late, gone = Explained(), Explained()
    with pytest.raises(DeadlineExceeded):
        await explaining.run(late, MANY, Deadline.after_ms(1.5 * SLOW_S * 1000))
    task = asyncio.create_task(explaining.run(gone, MANY, None))
    await until(lambda: gone.weighed)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert explaining.waiting == 0
    await explaining.run(Explained(1), 1, None)  # the thread is free again, with none of their work left
    assert len(late.weighed) <= 3 * AT_ONCE
    assert len(gone.weighed) <= 3 * AT_ONCE


async def test_catalog_changes_during_explaining_do_not_change_the_reasons(built: Path) -> None:
    for asked in warm_up_requests(built):
        ranker = Ranker.open(built, "v1", last_change=0)
        assert ranker.catalog is not None
        asked = asked.model_copy(update={"explain": len(asked.ids)})
        still = ranker.rank(asked, 2e9).response
        ranking = ranker.scored(asked, 2e9)
        assert ranking.explanation is not None
        half = len(asked.ids) // 2
        places = ranking.explanation.positions
        reasons = ranking.explanation.say(places[:half], ranking.explanation.weigh(places[:half]))
        ranker.catalog.take(CHANGED)
        reasons |= ranking.explanation.say(places[half:], ranking.explanation.weigh(places[half:]))
        answer = ranking.explained(reasons).response
        assert answer.scores == still.scores
        assert {key: reason.contributions for key, reason in answer.reasons.items()} == {
            key: reason.contributions for key, reason in still.reasons.items()
        }
        assert all(reason.sentence for reason in answer.reasons.values())
