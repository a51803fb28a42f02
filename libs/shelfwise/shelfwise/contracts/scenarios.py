"""What may be asked by name."""

from typing import Literal

from pydantic import Field

from shelfwise.contracts.base import Message
from shelfwise.contracts.retrieve import QuestionKind


class ExperimentDescription(Message):
    """A share of a scenario's shoppers, always the same ones, is answered by another scenario."""

    scenario: str = Field(description="The scenario that answers them.")
    share: float = Field(description="The share of the shoppers who ask, from 0 to 1.")


class ScenarioDescription(Message):
    """What a caller needs to know about a scenario."""

    name: str = Field(description="The name to send as `scenario`.")
    description: str = Field(description="What the scenario answers, as the shop's file says; empty if it says nothing.")
    question: QuestionKind = Field(
        description="text: products for a text; product: what is like a product; together: what is bought with products; "
        "user: what a shopper wants next."
    )
    takes: list[str] = Field(
        description="A request must have exactly one of these fields. If the list is empty, it must have none of "
        "product_name, product_id and cart."
    )
    shopper: Literal["ignored", "used", "expected", "essential"] = Field(
        description="What user_id and session_id do. ignored: nothing. used: their history counts for what is left out, for "
        "the sources that start from it and, unless the question is together, for the order. expected: one of them is "
        "required. essential: one of them is required, and without the history there is nothing to answer from."
    )
    top_k: int = Field(description="Number of products, if the request does not set it.")
    meant_by: str | None = Field(None, description="The field that selects this scenario if a request names none.")
    missing_pins: list[str] = Field(
        default_factory=list,
        description="Pinned products that the catalog did not hold when this gateway last answered with the scenario.",
    )
    experiment: ExperimentDescription | None = Field(None, description="Another scenario that answers a share of the shoppers.")


class ScenarioList(Message):
    """The scenarios, in the order of the shop's file."""

    scenarios: list[ScenarioDescription] = Field(description="One entry for each scenario.")
