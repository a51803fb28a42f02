"""Several questions at once, as for the shelves of one page."""

from pydantic import Field

from shelfwise.contracts.asked import DeadlineMs
from shelfwise.contracts.base import Message
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.recommend import RecommendRequest, RecommendResponse

MAX_QUESTIONS = 10


class BatchRequest(Message):
    """Up to ten requests, each as POST /recommend takes it."""

    requests: list[RecommendRequest] = Field(
        min_length=1,
        max_length=MAX_QUESTIONS,
        description="The requests. Each keeps its own `deadline_ms`, within the one of the batch.",
    )
    distinct: bool = Field(
        False,
        description="No product is in two answers: each answer leaves out the products of the answers before it. The requests "
        "are then answered one after another; otherwise all at once.",
    )
    deadline_ms: DeadlineMs = Field(300, description="How long the caller waits for all answers together, in milliseconds.")


class BatchResponse(Message):
    """One answer for each request, in their order. Where a request fails, the answer is the error that it would get alone."""

    answers: list[RecommendResponse | ErrorBody] = Field(
        description="For each request, in the same order: its answer, or its error as an object with the field `error`."
    )
