"""What one shopper did so far: the context of a question."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shelfwise.contracts.base import MOST_WHOLE, Identifier, Message
from shelfwise.contracts.product import ProductId

MAX_PRODUCTS = 1000
"""The most recent products of a shopper that a history holds."""

HALF_LIFE_S = 60 * 86_400.0
"""In `decayed` a purchase counts half after so long."""


Count = Annotated[int, Field(ge=0, le=MOST_WHOLE)]


class History(Message):
    """One entry a product, in columns, the most recently touched product first. Times are seconds before the question."""

    model_config = ConfigDict(allow_inf_nan=False)

    products: list[ProductId] = Field(max_length=MAX_PRODUCTS)
    purchases: list[Count]
    carts: list[Count] = Field(description="How often the product was put into the cart.")
    views: list[Count]
    decayed: list[float] = Field(description="Purchases, each of them halved every 60 days.")
    first_purchase_s: list[float | None] = Field(description="null: never bought.")
    last_purchase_s: list[float | None]
    last_look_s: list[float | None] | None = Field(
        None,
        description="Seconds since the product was last looked at or put into the cart; null in the list: never. No list: "
        "unknown, as in bundles and rankers of earlier releases.",
    )
    last_s: list[float] = Field(description="Seconds since the last event of any kind except an impression.")
    purchases_this_hour: list[float] = Field(
        description="Purchases, weighted by how near their time of day is to that of the question: 1 at the same time, .6 two "
        "hours off, .14 four hours off."
    )
    purchases_this_weekday: list[Count] = Field(description="Purchases a whole number of weeks ago, plus or minus half a day.")
    orders: Count = Field(description="Distinct moments of purchase, over all products.")
    orders_this_hour: float = Field(ge=0, description="Orders, weighted as in purchases_this_hour.")
    orders_this_weekday: Count = Field(description="Orders, counted as in purchases_this_weekday.")
    first_order_s: float | None = None
    last_order_s: float | None = None

    @model_validator(mode="after")
    def _one_entry_each(self) -> Self:
        lengths = {name: len(getattr(self, name)) for name in COLUMNS}
        if self.last_look_s is not None:
            lengths["last_look_s"] = len(self.last_look_s)
        if len(set(lengths.values())) > 1:
            raise ValueError(f"expected columns of one length, found {lengths}")
        return self


COLUMNS = (
    "products", "purchases", "carts", "views", "decayed", "first_purchase_s", "last_purchase_s", "last_s",
    "purchases_this_hour", "purchases_this_weekday",
)  # fmt: skip


class ContextRequest(Message):
    """Whose history; with both, the user's events and those of the session that are not known to be anyone's.

    A session alone is the user it was merged into last, or else the one that its last event names: what other users did in
    it is left out.
    """

    user_id: Identifier | None = None
    session_id: Identifier | None = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if self.user_id is None and self.session_id is None:
            raise ValueError("expected user_id or session_id, found neither; send at least one of them")
        return self


class ContextResponse(Message):
    """An unknown shopper has an empty history."""

    history: History
