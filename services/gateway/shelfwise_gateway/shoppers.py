"""What a shopper's history means for a scenario."""

from typing import Any

from shelfwise_gateway.scenario import Scenario

Json = dict[str, Any]
"""`contracts.history.History`."""


def known(history: Json) -> Json | None:
    """The history, or None if nothing is known of the shopper."""
    return history if history.get("products") else None


def unwanted(history: Json | None, scenario: Scenario) -> list[str]:
    """Products of the history that the scenario excludes for what the shopper did with them, the latest touched first."""
    if history is None or not scenario.by_history:
        return []
    rest_s = scenario.rest_hours * 3600
    touched = zip(history["products"], history["purchases"], history["views"], history["last_purchase_s"], strict=True)
    return [
        product
        for product, purchases, views, bought_s in touched
        if (scenario.exclude_purchased and purchases)
        or (scenario.exclude_viewed and views)
        or (scenario.only_purchased and not purchases)
        or (bought_s is not None and bought_s < rest_s)
    ]


def why_nothing(history: Json | None, scenario: Scenario) -> str | None:
    """Why nothing was found, if the shopper's history is the reason."""
    if scenario.shopper not in {"expected", "essential"}:
        return None
    if history is None:
        return "nothing is known about this shopper yet"
    return "nothing in this shopper's history fits" if scenario.shopper == "essential" else None
