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
    "The shopper whose history to use. For a shopper alone, the history finds the products and orders them. With product_name "
    "or product_id, it moves up what this shopper buys among what fits best. With these or cart, it decides what to leave out, "
    "if the scenario does that."
)


class Asked(Message):
    """At most one of product_name, product_id and cart says what is looked for; a shopper may come along, or stand alone.

    For a shopper alone the history finds products and puts them in order. Beside a text or a product it has a say in the order,
    where the shop's events taught the model; beside any subject it serves what a scenario leaves out, and the sources that
    start from it.
    """

    product_name: QueryText | None = Field(None, description="A text. It need not be the name of a product in the catalog.")
    product_id: ProductId | None = Field(None, description="A product of the catalog.")
    cart: list[ProductId] | None = Field(
        None, min_length=1, max_length=MAX_CART, description="The products in the shopper's cart."
    )
    user_id: Identifier | None = Field(None, description=_WHOSE)
    session_id: Identifier | None = Field(
        None, description="The visit whose events to use, instead of user_id for an unknown shopper, or in addition to it."
    )
    filter: Filter | None = Field(
        None,
        description="Conditions that every product of the answer must satisfy. In POST /recommend, they replace the scenario's "
        "conditions on the same fields; its other conditions hold, too.",
    )
    explain: bool = Field(False, description="Give a reason for every item.")
    as_typed: bool = Field(
        False,
        description="Search for product_name exactly as it is written. If false, misspelled words are corrected, the shop's "
        "synonyms are added, and products with what the text asks to be without come last.",
    )
    deadline_ms: DeadlineMs = Field(300, description="How long the caller waits, in milliseconds.")

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
