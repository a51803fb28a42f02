"""Asks all questions of a file, a few at a time."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from shelfwise_pipeline.asking.answers import Answers
from shelfwise_pipeline.asking.gateway import Gateway
from shelfwise_pipeline.asking.questions import Question
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.progress import Advance

HOPELESS: Final = 20
"""If this many questions, from the first on, are all refused, the fault is not in the questions."""


class AllRefused(PipelineError):
    """The gateway accepted none of the questions."""


async def ask_all(
    questions: Iterator[Question], answers: Answers, gateway: Gateway, *, in_flight: int, advance: Advance
) -> None:
    """Ask the questions that `answers` does not have yet, `in_flight` at the same time, and add the answers in their order.

    Raises:
        GatewayLost: see there; the answers so far are kept.
        AllRefused: the first HOPELESS questions all got errors.
        AnswersUnwritable: `answers` has the beginning of other answers.
    """
    answers.skip_kept(questions)
    waiting: deque[tuple[Question, asyncio.Task[dict[str, Any]]]] = deque()
    try:
        for question in questions:
            waiting.append((question, asyncio.create_task(_said(gateway, question))))
            if len(waiting) >= in_flight:
                await _take(waiting, answers, advance)
        while waiting:
            await _take(waiting, answers, advance)
    finally:
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)


async def _said(gateway: Gateway, question: Question) -> dict[str, Any]:
    if question.problem is not None:
        return {"error": {"code": "invalid_question", "message": question.problem}}
    return await gateway.answer(question.asked)


async def _take(waiting: deque[tuple[Question, asyncio.Task[dict[str, Any]]]], answers: Answers, advance: Advance) -> None:
    question, task = waiting.popleft()
    answers.add(question, await task)
    tally = answers.tally
    if tally.refused == tally.asked == HOPELESS:
        raise AllRefused(f"expected questions that can be answered, found the first {HOPELESS} refused; {tally.examples[0]}")
    advance(tally.asked, None)
