"""What every public question may say: whom or what it is about, and what its answers must satisfy."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shelfwise.contracts.base import Composed, Identifier, Message, NotBoolean
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.product import ProductId

MAX_QUERY_CHARACTERS = 500
MAX_CART = 100

QueryText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS), Composed]
DeadlineMs = Annotated[int, Field(ge=10, le=10_000), NotBoolean]
_WHOSE = (
    "Whose history to consider. Alone, it decides what is found and what comes first. Beside product_name or product_id it "
    "lifts, of what fits best, what this shopper buys; beside them or cart it says what to leave out, if a scenario wants that."
)


class Asked(Message):
    """At most one of product_name, product_id and cart says what is looked for; a shopper may come along, or stand alone.

    For a shopper alone the history finds products and puts them in order. Beside a text or a product it has a say in the order,
    where the shop's events taught the model; beside any subject it serves what a scenario leaves out, and the sources that
    start from it.
    """

    product_name: QueryText | None = Field(None, description="Free text; need not be in the catalog.")
    product_id: ProductId | None = Field(None, description="A product of the catalog.")
    cart: list[ProductId] | None = Field(
        None, min_length=1, max_length=MAX_CART, description="Products that the shopper has taken already."
    )
    user_id: Identifier | None = Field(None, description=_WHOSE)
    session_id: Identifier | None = Field(
        None, description="The visit whose events to consider, for shoppers who are not known by name, or beside user_id."
    )
    filter: Filter | None = None
    explain: bool = Field(False, description="Say for every item why it is there.")
    as_typed: bool = Field(
        False,
        description="Look for product_name as it is written; without it, misspelt words are corrected, and the shop's synonyms "
        "added.",
    )
    deadline_ms: DeadlineMs = Field(300, description="How long the caller waits.")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if len(self.subjects) > 1:
            found = " and ".join(self.subjects)
            raise ValueError(f"expected at most one of product_name, product_id and cart, found {found}")
        return self

    @property
    def subjects(self) -> list[str]:
        """Which of product_name, product_id and cart are given."""
        given = (("product_name", self.product_name), ("product_id", self.product_id), ("cart", self.cart))
        return [name for name, value in given if value is not None]

    @property
    def has_shopper(self) -> bool:
        return self.user_id is not None or self.session_id is not None
