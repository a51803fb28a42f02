"""Several questions at once, as for the shelves of one page."""

from pydantic import Field

from shelfwise.contracts.asked import DeadlineMs
from shelfwise.contracts.base import Message
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.recommend import RecommendRequest, RecommendResponse

MAX_QUESTIONS = 10


class BatchRequest(Message):
    """Up to ten questions, each as POST /recommend takes it."""

    requests: list[RecommendRequest] = Field(min_length=1, max_length=MAX_QUESTIONS)
    distinct: bool = Field(
        False,
        description="No product is in two of the answers: each leaves out what those before it show. They are then found one "
        "after another, otherwise all at once.",
    )
    deadline_ms: DeadlineMs = Field(300, description="How long the caller waits for all of them.")


class BatchResponse(Message):
    """An answer for each question, in their order; where one cannot be answered, the error that it alone would have had."""

    answers: list[RecommendResponse | ErrorBody]
