"""What a shopper did."""

from datetime import datetime
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from shelfwise.contracts.base import Message
from shelfwise.contracts.product import ProductId

EventType = Literal["impression", "view", "add_to_cart", "purchase"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


class Event(Message):
    """One shopper, one product, one moment; `event_id` makes sending it twice harmless."""

    event_id: str = Field(min_length=1, max_length=200)
    type: EventType
    product_id: ProductId
    user_id: str | None = Field(None, min_length=1, max_length=200)
    session_id: str | None = Field(None, min_length=1, max_length=200)
    timestamp: datetime
    quantity: int | None = Field(None, ge=1)
    value: float | None = Field(None, ge=0)
    request_id: str | None = Field(None, description="The recommendation that led here.")
    position: int | None = Field(None, ge=1, description="Its place in that recommendation, from 1.")

    @model_validator(mode="after")
    def _someone_did_it(self) -> Self:
        if self.user_id is None and self.session_id is None:
            raise ValueError("expected user_id or session_id, found neither; send at least one of them")
        return self
