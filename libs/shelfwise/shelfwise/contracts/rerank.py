"""A list of the caller's own, to be put in order."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shelfwise.contracts.asked import Asked
from shelfwise.contracts.base import Message, NotBoolean
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.recommend import ANSWER_ID, BUNDLE, CORRECTED_QUERY, DEGRADED, ITEMS, NAMES, TIMINGS, Item

MAX_CANDIDATES = 1000


class RerankRequest(Asked):
    """A list of products, and what they are judged by: a text, a product, a cart, or a shopper alone."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"candidates": ["831018", "826249", "995242"], "product_name": "nail paints"}]},
    )

    candidates: list[ProductId] = Field(
        min_length=1, max_length=MAX_CANDIDATES, description="The list. A product that is in it twice counts once."
    )
    top_k: Annotated[int, Field(ge=1, le=MAX_CANDIDATES), NotBoolean] | None = Field(
        None, description="Number of products to return. Default: all."
    )
    collapse: bool = Field(False, description="Show only one product of each group of variants, as POST /recommend does.")

    @model_validator(mode="after")
    def _judged_by_something(self) -> Self:
        if not self.subjects and not self.has_shopper:
            raise ValueError(
                "expected product_name, product_id, cart, user_id or session_id, found none of them; "
                "send at least one of them to judge the candidates by"
            )
        return self


class RerankResponse(Message):
    """The caller's list, best first."""

    recommendations: list[str] = Field(description=NAMES)
    items: list[Item] = Field(description=ITEMS)
    unknown: list[str] = Field(description="Candidates that the catalog does not hold, in the order of the request.")
    request_id: str = Field(description=ANSWER_ID)
    bundle: str = Field(description=BUNDLE)
    degraded: list[str] = Field(description=DEGRADED)
    corrected_query: str | None = Field(None, description=CORRECTED_QUERY)
    also_searched: list[str] = Field(
        default_factory=list,
        description="What was searched in addition to product_name because of the shop's synonyms; absent if nothing was.",
    )
    why_fewer: str | None = Field(None, description="Why there are fewer products than candidates, or than top_k.")
    timings_ms: dict[str, float] = Field(description=TIMINGS)
