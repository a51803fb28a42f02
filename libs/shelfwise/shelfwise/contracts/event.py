"""What a shopper did."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AwareDatetime, Field, model_validator

from shelfwise.contracts.base import MOST_WHOLE, Identifier, Message, NotBoolean

EventType = Literal["impression", "view", "add_to_cart", "purchase"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


MAX_EVENTS = 1_000
"""Events of one call, at most."""

MAX_AHEAD_S = 300.0
"""A clock may be wrong by so much. What lies further ahead was written in another time zone, or by a broken clock."""

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before there were web shops; what lies before is an empty date, or seconds read as milliseconds."""

_MOST_VALUE = 9_999_999_999.9999
"""What `numeric(14, 4)` holds. More may be rounded up to what it does not, and all events written together with it fail."""

_Count = Annotated[int, Field(ge=1, le=MOST_WHOLE), NotBoolean]


class Event(Message):
    """One shopper, one product, one moment. The `event_id` makes it harmless to send an event twice."""

    event_id: Identifier = Field(description="Your shop's own id of the event, different for every event.")
    type: EventType = Field(
        description="impression: the product was shown. view: the shopper looked at it. add_to_cart: the shopper put it into "
        "the cart. purchase: the shopper bought it."
    )
    product_id: Identifier = Field(description="The product. The catalog need not hold it yet; the event counts once it does.")
    user_id: Identifier | None = Field(
        None,
        description="Your shop's id of the user. At least one of user_id and session_id is required. With both, the event "
        "belongs to the user.",
    )
    session_id: Identifier | None = Field(
        None, description="Your shop's id of the visit. A user and a session with the same id are two shoppers."
    )
    timestamp: AwareDatetime = Field(
        description="With a time zone. Not before 1995, and at most five minutes ahead of the server's clock."
    )
    quantity: _Count | None = Field(None, description="Number of pieces that were bought. For a purchase; optional.")
    value: Annotated[float, Field(ge=0, le=_MOST_VALUE), NotBoolean] | None = Field(
        None,
        description="What was paid for all pieces together, kept with 4 decimals. For a purchase; optional.",
    )
    request_id: Identifier | None = Field(None, description="The `request_id` of the answer that led here.")
    position: _Count | None = Field(None, description="The `rank` of the product in that answer, from 1.")

    @model_validator(mode="after")
    def _someone_did_it(self) -> Self:
        if self.user_id is None and self.session_id is None:
            raise ValueError("expected user_id or session_id, found neither; send at least one of them")
        return self


class EventsResponse(Message):
    """All events of the call are stored, each of them once, and will not be lost."""

    accepted: int = Field(ge=0, description="Number of new events.")
    duplicates: int = Field(
        ge=0,
        description="Number of events whose event_id was known already. The first event is kept, and a retracted one stays "
        "retracted.",
    )
    conflicting: list[str] = Field(
        default_factory=list, description="The ids of those duplicates that differ from the event that is kept."
    )
    unknown_products: list[str] = Field(
        default_factory=list, description="Products of these events that the catalog does not hold. The events are kept."
    )


class RetractRequest(Message):
    """Events that did not happen or are no longer valid: cancelled, returned, sent by mistake."""

    event_ids: list[Identifier] = Field(
        min_length=1,
        max_length=MAX_EVENTS,
        description="The `event_id` of each event to retract. An event that has not arrived yet may be named.",
    )


class RetractResponse(Message):
    """No event with these ids counts any more, and none will be stored. An id that was sent twice is counted once."""

    retracted: int = Field(ge=0, description="Number of events that this call retracted.")
    already_retracted: int = Field(ge=0, description="Number of events that were retracted before.")
    unknown_events: list[str] = Field(
        default_factory=list, description="Ids of which no event has arrived so far. One that arrives later will not be stored."
    )


def events_schema(one: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a call's body: one event, whose schema is `one`, or a list."""
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EVENTS}]}
