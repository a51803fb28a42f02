"""The public question and its answer."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from shelfwise.contracts.asked import Asked
from shelfwise.contracts.base import Message, NotBoolean
from shelfwise.contracts.product import ABOUT, ABSENT, ProductId
from shelfwise.contracts.reason import Reason

MAX_TOP_K = 100

NAMES = "The titles of `items`, in the same order."
ITEMS = "The products, best first."
ANSWER_ID = "The id of this answer. Send it with the events that the answer leads to."
DEGRADED = "The steps that had to be left out; empty when all is well."
CORRECTED_QUERY = "The text that was searched instead of a misspelled product_name; otherwise absent."
BUNDLE = "Version of the retriever's bundle that the products come from."
TIMINGS = (
    "Milliseconds by stage: `embed`, `context` (reads the shopper's history), `retrieve`, `rank`; `total` is the whole time. "
    "A stage that did not run is absent. A stage that ran twice is added up. `embed` and `context` run at the same time."
)

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
                "send at least one of them"
            )
        return self


class Item(Message):
    """One recommended product."""

    model_config = ConfigDict(extra="allow", frozen=True)

    product_id: str = Field(description=ABOUT["product_id"])
    name: str = Field(description="The product's title.")
    score: float = Field(
        description="How well the product fits; higher is better. Scores of different answers cannot be compared. Pins, boosts "
        "and other rules of a scenario can place a product elsewhere than its score does."
    )
    rank: int = Field(ge=1, description="Place in the answer, from 1. Send it as the `position` of events.")
    sources: list[str] = Field(description="The candidate sources that found the product.")
    reason: Reason | None = Field(
        None,
        description="Why the product is in its place. Absent without `explain`; may be absent if `degraded` is not empty.",
    )
    brand: str | None = Field(None, description=f"{ABOUT['brand']} {ABSENT}")
    category: list[str] | None = Field(None, description=f"{ABOUT['category']} {ABSENT}")
    price: float | None = Field(None, description=f"{ABOUT['price']} {ABSENT}")
    currency: str | None = Field(None, description=f"{ABOUT['currency']} {ABSENT}")
    image_url: str | None = Field(None, description=f"{ABOUT['image_url']} {ABSENT}")
    rating: float | None = Field(None, description=f"{ABOUT['rating']} {ABSENT}")
    rating_count: int | None = Field(None, description=f"{ABOUT['rating_count']} {ABSENT}")
    in_stock: bool | None = Field(None, description=ABOUT["in_stock"])
    attributes: dict[str, str] | None = Field(None, description=f"{ABOUT['attributes']} Absent if there are none.")
    variant_group: str | None = Field(None, description=f"{ABOUT['variant_group']} {ABSENT}")
    created_at: datetime | None = Field(None, description=f"{ABOUT['created_at']} {ABSENT}")


class RecommendResponse(Message):
    """`recommendations` has the names alone; `items` has all fields but the description (GET /products/{product_id} has it)."""

    recommendations: list[str] = Field(description=NAMES)
    items: list[Item] = Field(description=ITEMS)
    request_id: str = Field(description=ANSWER_ID)
    scenario: str = Field(
        description="The scenario that answered: the requested one, the one that fits the given fields, or the one that "
        "an experiment puts in its place."
    )
    bundle: str = Field(description=BUNDLE)
    degraded: list[str] = Field(description=DEGRADED)
    corrected_query: str | None = Field(None, description=CORRECTED_QUERY)
    weak: bool = Field(
        False,
        description="True if nothing that the filter lets through seems to fit product_name, neither by its words nor by its "
        "meaning. The answer then has the products that are least far from it, or none if the scenario says "
        "`when_weak: empty`. Otherwise absent, also when the embedder or the ranker is down.",
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
    timings_ms: dict[str, float] = Field(description=TIMINGS)
