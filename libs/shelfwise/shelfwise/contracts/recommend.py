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
    """What the shop knows: a product's name (in the catalog or not), a product's id, a cart, a shopper, a scenario's name."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": _EXAMPLES})

    scenario: ScenarioName | None = Field(
        None, description="One of GET /scenarios; by default the one that fits what is given."
    )
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K), NotBoolean] | None = Field(
        None, description="How many products to answer; by default as many as the scenario says, mostly 10."
    )
    exclude: list[ProductId] = Field(default_factory=list, max_length=1000, description="Products never to answer.")

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
    sources: list[str] = Field(description="Which candidate sources found it.")
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
    """`recommendations` are the names alone; `items` says all but the descriptions, which GET /products/{product_id} has."""

    recommendations: list[str]
    items: list[Item]
    request_id: str = Field(description="This answer's own id: send it with the events that the answer leads to.")
    scenario: str
    bundle: str
    degraded: list[str] = Field(description="What had to be left out; empty when all is well.")
    corrected_query: str | None = Field(
        None, description="What was looked for in place of product_name, where words of it were misspelt; else absent."
    )
    weak: bool = Field(
        False,
        description="True: nothing that satisfies the filter seems to fit product_name, neither by its words nor by its "
        "meaning; what is shown is only what is least far from it. Else absent. Not told without the embedder or the ranker.",
    )
    also_searched: list[str] = Field(
        default_factory=list,
        description="What was looked for beside product_name, since the shop's synonyms say so; absent when nothing was.",
    )
    why_fewer: str | None = Field(None, description="Why there are fewer than top_k.")
    unknown: list[str] = Field(
        default_factory=list,
        description="Products of the cart that the catalog does not hold, which were left aside; absent when it holds all.",
    )
    timings_ms: dict[str, float]
