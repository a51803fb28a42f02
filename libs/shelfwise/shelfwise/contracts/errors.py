"""The one shape of every error answer."""

from pydantic import Field

from shelfwise.contracts.base import Message


class ErrorDetail(Message):
    """What went wrong."""

    code: str = Field(description="A fixed word that a program can test for, for example `unknown_product`.")
    message: str = Field(description="What was expected, what was found and what to do; for people. The wording may change.")
    request_id: str = Field(description="The id of the request, which the logs name, too.")


class ErrorBody(Message):
    """The body of every error answer."""

    error: ErrorDetail = Field(description="Why the call failed.")
