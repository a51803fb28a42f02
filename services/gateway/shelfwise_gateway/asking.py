"""Turns a caller's request into the question for the services."""

from shelfwise.clients import Question
from shelfwise.contracts.asked import Asked
from shelfwise_gateway.scenario import Scenario


def question_of(
    asked: Asked, scenario: Scenario, *, exclude: list[str] | None = None, only: list[str] | None = None
) -> Question:
    """The question without vector and history, which come from the services."""
    return Question(
        kind=scenario.question,
        text=asked.product_name,
        correct=asked.product_name is not None and not asked.as_typed,
        seeds=_seeds(asked),
        sources=list(scenario.sources) if scenario.sources is not None else None,
        only=only,
        filter=scenario.conditions(asked.filter),
        exclude=exclude or [],
        per_text=scenario.per_text if only is None else None,
    )


def _seeds(asked: Asked) -> list[str]:
    if asked.product_id is not None:
        return [asked.product_id]
    return list(dict.fromkeys(asked.cart)) if asked.cart is not None else []
