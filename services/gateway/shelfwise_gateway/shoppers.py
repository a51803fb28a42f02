"""What a shopper's history says to a scenario."""

from typing import Any

from shelfwise_gateway.scenario import Scenario

Json = dict[str, Any]
"""`contracts.history.History`."""


def known(history: Json) -> Json | None:
    """The history of a shopper of whom something is known."""
    return history if history.get("products") else None


def unwanted(history: Json | None, scenario: Scenario) -> list[str]:
    """Products of the history that the scenario excludes for what the shopper did with them, the latest touched first."""
    if history is None or not (scenario.exclude_purchased or scenario.exclude_viewed or scenario.only_purchased):
        return []
    touched = zip(history["products"], history["purchases"], history["views"], strict=True)
    return [
        product
        for product, purchases, views in touched
        if (scenario.exclude_purchased and purchases)
        or (scenario.exclude_viewed and views)
        or (scenario.only_purchased and not purchases)
    ]


def why_nothing(history: Json | None, scenario: Scenario) -> str | None:
    """Why nothing was found, when the shopper's history is the reason."""
    if scenario.shopper not in {"expected", "essential"}:
        return None
    if history is None:
        return "nothing is known of this shopper yet"
    return "nothing in this shopper's history fits" if scenario.shopper == "essential" else None
