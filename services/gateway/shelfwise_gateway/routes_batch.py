"""POST /recommend:batch."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import orjson
from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, body_of
from shelfwise.app.error_handlers import error_body
from shelfwise.contracts.batch import BatchRequest, BatchResponse
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError
from shelfwise_gateway.answer_id import own_id_in_batch
from shelfwise_gateway.openapi import bearer, body, errors
from shelfwise_gateway.state import state_of

hot_batch = APIRouter(route_class=DirectRoute, tags=["recommendations"])


@hot_batch.post(
    "/recommend:batch",
    summary="Answer several requests at once, for example the shelves of a page",
    response_model=BatchResponse,
    responses=errors(400, 401, 408, 413, 422, 429),
    dependencies=[bearer],
    openapi_extra=body(BatchRequest),
)
async def recommend_batch(request: Request) -> Response:
    """Each request gets the answer that `POST /recommend` would give, or the error. With `distinct`, no product is in two
    answers: the first request that finds it gets it. `deadline_ms` holds for all requests together; a request's own
    `deadline_ms` holds, too."""
    state = state_of(request)
    state["keys"].require(request)
    asked = await body_of(request, BatchRequest)
    deadline = Deadline.after_ms(asked.deadline_ms)
    with ExitStack() as places:
        for _ in range(1 if asked.distinct else len(asked.requests)):  # as many as are answered at the same time
            places.enter_context(state["admission"])
        if asked.distinct:
            answers = await _one_after_another(request, asked.requests, deadline)
        else:
            answers = await asyncio.gather(*(_answer(request, question, deadline) for question in asked.requests))
    return Response(b'{"answers":[' + b",".join(answers) + b"]}", media_type="application/json")


async def _one_after_another(request: Request, questions: Sequence[RecommendRequest], deadline: Deadline) -> list[bytes]:
    answers: list[bytes] = []
    shown: list[str] = []
    for question in questions:
        others = question.model_copy(update={"exclude": [*question.exclude, *shown]})
        answers.append(await _answer(request, others, deadline))
        shown += [item["product_id"] for item in orjson.loads(answers[-1]).get("items", ())]
    return answers


async def _answer(request: Request, question: RecommendRequest, deadline: Deadline) -> bytes:
    state = state_of(request)
    within = min(deadline, Deadline.after_ms(question.deadline_ms), key=lambda one: one.at_s)
    try:
        chosen = state["scenarios"].choose(question)
        with own_id_in_batch(request, chosen.label):
            return await state["recommender"].recommend(question, chosen, within)
    except ShelfwiseError as error:
        return error_body(error)
