"""Reasons for products that no model put in order."""

from typing import Any

from shelfwise_gateway.scenario import Scenario


def of_order(ids: list[str], scores: list[float], scenario: Scenario) -> dict[str, Any]:
    """`contracts.rank.Reason` by product: the one number that decided, in words and as what it added to the score."""
    said = scenario.reason or "fits what was asked for"
    name = scenario.by_source or "order_of_retrieval"
    return {
        product_id: {"sentence": said, "base": 0.0, "contributions": {name: score}}
        for product_id, score in zip(ids, scores, strict=True)
    }
