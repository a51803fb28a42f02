"""The public question and its answer."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from shelfwise.contracts.asked import Asked
from shelfwise.contracts.base import Message, NotBoolean
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.reason import Reason

MAX_TOP_K = 100

ScenarioName = Annotated[str, Field(min_length=1, max_length=100)]

_EXAMPLES: list[JsonValue] = [
    {"product_name": "nail paints", "top_k": 5},
    {"product_id": "831018"},
    {"cart": ["831018", "826249"], "user_id": "17"},
    {"user_id": "17", "scenario": "buy-again"},
    {"scenario": "trending", "filter": {"category": "Cosmetics"}},
]


class RecommendRequest(Asked):
    """What your shop knows: a text (in the catalog or not), a product's id, a cart, a shopper, the name of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": _EXAMPLES})

    scenario: ScenarioName | None = Field(
        None, description="A name from GET /scenarios. Default: the scenario that fits the given fields."
    )
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K), NotBoolean] | None = Field(
        None, description="Number of products to return. Default: the scenario's own number, mostly 10."
    )
    exclude: list[ProductId] = Field(
        default_factory=list, max_length=1000, description="Products that the answer must not have."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.subjects and not self.has_shopper and self.scenario is None:
            raise ValueError(
                "expected product_name, product_id, cart, user_id, session_id or scenario, found none of them; "
                "say what is looked for"
            )
        return self


class Item(Message):
    """One recommended product."""

    model_config = ConfigDict(extra="allow", frozen=True)

    product_id: str
    name: str
    score: float
    rank: int = Field(ge=1)
    sources: list[str] = Field(description="The candidate sources that found the product.")
    reason: Reason | None = None
    brand: str | None = None
    category: list[str] | None = None
    price: float | None = None
    currency: str | None = None
    image_url: str | None = None
    rating: float | None = None
    rating_count: int | None = None
    in_stock: bool | None = None
    attributes: dict[str, str] | None = None
    variant_group: str | None = None
    created_at: datetime | None = None


class RecommendResponse(Message):
    """`recommendations` has the names alone; `items` has all fields but the description (GET /products/{product_id} has it)."""

    recommendations: list[str]
    items: list[Item]
    request_id: str = Field(description="The id of this answer. Send it with the events that the answer leads to.")
    scenario: str
    bundle: str
    degraded: list[str] = Field(description="The steps that had to be left out; empty when all is well.")
    corrected_query: str | None = Field(
        None, description="The text that was searched instead of a misspelled product_name; otherwise absent."
    )
    weak: bool = Field(
        False,
        description="True if nothing that the filter lets through seems to fit product_name, neither by its words nor by its "
        "meaning. The answer then has the products that are least far from it. Otherwise absent, also when the embedder or the "
        "ranker is down.",
    )
    also_searched: list[str] = Field(
        default_factory=list,
        description="What was searched in addition to product_name because of the shop's synonyms; absent if nothing was.",
    )
    why_fewer: str | None = Field(None, description="Why there are fewer products than top_k.")
    unknown: list[str] = Field(
        default_factory=list,
        description="Products of the cart that the catalog does not hold. They were ignored. Absent if it holds all of them.",
    )
    timings_ms: dict[str, float]
