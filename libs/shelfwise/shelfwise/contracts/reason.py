"""Why a product is where it is: in English, and in codes of which a shop can make sentences of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import Field

from shelfwise.contracts.base import Message

Value = str | int

SENTENCES: Final[dict[str, str]] = {
    # For a text.
    "has_product_number": "has the product number that was asked for",
    "matches_words": "matches “{words}”",
    "close_in_meaning": "close in meaning to the search",
    # For a product, a cart, or what a shopper touched.
    "similar_to": "similar to {subject}",
    "similar_name": "goes by a similar name as {subject}",
    "same_price": "costs about as much as {subject}",
    "same_category": "same category as {subject}",
    "same_brand": "same brand as {subject}",
    "often_bought_with": "often bought with {subject}",
    "often_bought_after": "often bought after {subject}",
    "goes_with": "goes with {subject}",
    "bought_by_buyers_of": "bought by those who bought {subject}",
    "like": "like {subject}",
    "same_shelf": "from the same shelf as {subject}",
    # Of the shopper.
    "you_bought_times": "you bought it {times} times",
    "you_bought": "you bought it before",
    "you_put_into_cart": "you put it into your cart",
    "you_looked": "you looked at it",
    "you_looked_recently": "you looked at it recently",
    "you_buy_every_days": "you buy it about every {days} days",
    "you_buy_every_day": "you buy it nearly every day",
    "you_buy_at_this_hour": "you buy it at this time of day",
    "you_buy_on_this_weekday": "you buy it on this day of the week",
    "you_often_buy_from_category": "you often buy from “{category}”",
    "you_bought_from_category": "you bought from “{category}” before",
    "you_looked_at_category": "you looked at products of “{category}”",
    "like_what_you_touched": "like what you bought or looked at",
    # Of all shoppers.
    "popular": "popular at present",
    "popular_this_month": "popular this month",
    "sells_well": "sells well at the moment",
    "bought_more_and_more": "bought more and more",
    "often_bought": "often bought",
    "bought_lately": "bought lately",
    "bought_by_many": "bought by many",
    "bought_again": "many who try it buy it again",
    "bought_at_this_hour": "bought more than usual at this time of day",
    "touched_by_others": "bought or looked at by others",
    # Of the product.
    "well_priced": "well priced for its category",
    "well_rated": "rated better than most of the others",
    "in_category": "from “{category}”",
    "new": "new in the shop",
    # When there is nothing more to say.
    "closest": "one of the closest matches",
    "fits": "fits what was asked for",
    "suggested": "one of the shop's suggestions",
    "in_the_shop": "one of this shop's products",
    # What the shop says itself.
    "pinned": "chosen by the shop",
    "said_by_scenario": "{sentence}",
}
"""By code. A code keeps its meaning; the English may change. `subject` is what `subject_of` makes of the values."""

SUBJECTS: Final[dict[str, str]] = {
    "asked_for": "what was asked for",
    "in_cart": "something in the cart",
    "bought": "what you bought",
    "viewed": "what you looked at",
    "put_into_cart": "what you put into your cart",
}
"""What the value `what` may be, where the value `product` names no single one."""


class ReasonPart(Message):
    """One part of the sentence: a code, and the values that belong to it."""

    code: str = Field(
        description="The kind of reason, for example `often_bought_with`. A code keeps its meaning; the English may change."
    )
    values: dict[str, Value] = Field(
        default_factory=dict,
        description="`product` (a title) or, instead of it, `what` (asked_for, in_cart, bought, viewed or put_into_cart); "
        "`words`; `category`; `times`; `days`; `sentence`.",
    )


class Reason(Message):
    """Why a product is in its place."""

    sentence: str = Field(description='For shoppers, in English, for example "often bought with milk".')
    parts: list[ReasonPart] = Field(
        default_factory=list, description="What the sentence says, in the same order, for shops that write their own sentences."
    )
    base: float = Field(description="The model's score before any feature is added.")
    contributions: dict[str, float] = Field(
        description="What each feature added to the score (TreeSHAP), or each source if no model was used. "
        "`base` and these sum to the score."
    )


@dataclass(frozen=True, slots=True)
class Phrase:
    """A `ReasonPart` in the making."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """In English."""
        return SENTENCES[self.code].format(**self.values, subject=subject_of(self.values))

    @property
    def part(self) -> ReasonPart:
        return ReasonPart(code=self.code, values=dict(self.values))


def subject_of(values: Mapping[str, Value]) -> str:
    """The product, or the products, that a phrase compares with; empty where it compares with none."""
    return f"“{values['product']}”" if "product" in values else SUBJECTS.get(str(values.get("what")), "")
