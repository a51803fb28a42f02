"""The public question and its answer."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shelfwise.contracts.base import Message
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.rank import Reason

MAX_QUERY_CHARACTERS = 500

QueryText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS)]


class RecommendRequest(Message):
    """What the shop knows: a product's name (in the catalog or not), or a product's id."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"product_name": "nail paints", "top_k": 5}]}
    )

    product_name: QueryText | None = Field(None, description="Free text; need not be in the catalog.")
    product_id: ProductId | None = Field(None, description="A product of the catalog: answers what goes with it.")
    top_k: int = Field(10, ge=1, le=100, description="How many products to answer.")
    filter: Filter | None = None
    exclude: list[ProductId] = Field(default_factory=list, max_length=1000, description="Products never to answer.")
    explain: bool = Field(False, description="Say for every item why it is there.")
    deadline_ms: int = Field(300, ge=10, le=10_000, description="How long the caller waits.")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        given = [name for name in ("product_name", "product_id") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "neither"
            raise ValueError(f"expected either product_name or product_id, found {found}")
        return self


class Item(Message):
    """One recommended product."""

    model_config = ConfigDict(extra="allow", frozen=True)

    product_id: str
    name: str
    score: float
    rank: int = Field(ge=1)
    sources: list[str] = Field(description="Which candidate sources found it.")
    reason: Reason | None = None
    brand: str | None = None
    category: list[str] | None = None
    price: float | None = None
    currency: str | None = None
    image_url: str | None = None
    rating: float | None = None
    in_stock: bool | None = None
    attributes: dict[str, str] | None = None


class RecommendResponse(Message):
    """`recommendations` are the names alone; `items` says everything."""

    recommendations: list[str]
    items: list[Item]
    request_id: str
    scenario: str
    bundle: str
    degraded: list[str] = Field(description="What had to be left out; empty when all is well.")
    why_fewer: str | None = Field(None, description="Why there are fewer than top_k.")
    timings_ms: dict[str, float]
