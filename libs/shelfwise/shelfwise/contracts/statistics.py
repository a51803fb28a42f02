"""ranker: what it counts of products at this moment; for operators and tests."""

from pydantic import Field

from shelfwise.contracts.base import Identifier, Message


class StatisticsRequest(Message):
    """Products by id."""

    product_ids: list[Identifier] = Field(min_length=1, max_length=1000)


class StatisticsResponse(Message):
    """The features of popularity as models see them, one list of values a product; null: a product that is not known."""

    bundle: str
    columns: list[str]
    values: list[list[float | None] | None]
