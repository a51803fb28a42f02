"""What may be asked by name."""

from typing import Literal

from pydantic import Field

from shelfwise.contracts.base import Message
from shelfwise.contracts.retrieve import QuestionKind


class ExperimentDescription(Message):
    """A share of a scenario's shoppers, always the same ones, are answered by another scenario."""

    scenario: str = Field(description="That answers them.")
    share: float = Field(description="Of the shoppers who ask, from 0 to 1.")


class ScenarioDescription(Message):
    """One scenario, as a caller needs to know it."""

    name: str
    description: str
    question: QuestionKind = Field(description="What is asked for: what a text names, what is like a product, …")
    takes: list[str] = Field(description="A request must carry exactly one of these fields; none when the list is empty.")
    shopper: Literal["ignored", "used", "expected", "essential"] = Field(
        description="What user_id and session_id do: nothing; bring a history along, which says what to leave out and what "
        "sources start from; are needed; or are all there is to answer from."
    )
    top_k: int = Field(description="How many products are answered when the request does not say.")
    meant_by: str | None = Field(None, description="The field that means this scenario when a request names none.")
    missing_pins: list[str] = Field(
        default_factory=list,
        description="Pinned products that the catalog did not hold when the scenario was last asked for at this gateway.",
    )
    experiment: ExperimentDescription | None = Field(None, description="What answers a share of its shoppers instead.")


class ScenarioList(Message):
    """In the order of the shop's file."""

    scenarios: list[ScenarioDescription]
