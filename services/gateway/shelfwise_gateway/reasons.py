"""Reasons for products that no model put in order, and for those that the shop put in their place."""

from collections.abc import Collection
from typing import Any

from shelfwise.clients import Candidates
from shelfwise_gateway.scenario import Scenario

Reasons = dict[str, dict[str, Any]]
"""`contracts.rank.Reason` by product."""

PINNED = "chosen by the shop"

_FOUND_BY = {
    "trending": "popular at present",
    "own": "you bought it, looked at it or put it into your cart",
    "viewed": "you looked at it or put it into your cart",
}
"""Sources that ask for nothing, so that what they find fits no question."""


def of_order(candidates: Candidates, scores: list[float], scenario: Scenario) -> Reasons:
    """The one number that decided, in words and as what it added to the score."""
    source = scenario.by_source
    found = candidates.scores.get(source) if source is not None else None
    usual = "one of the shop's suggestions" if scenario.question == "user" else "fits what was asked for"
    by_source = usual if source is None else _FOUND_BY.get(source, usual)
    return {
        product_id: {
            "sentence": scenario.reason or (usual if found is None or found[row] is None else by_source),
            "base": 0.0,
            "contributions": {source or "order_of_retrieval": scores[row]},
        }
        for row, product_id in enumerate(candidates.ids)
    }


def with_pins(reasons: Reasons, pinned: Collection[str]) -> Reasons:
    """The same numbers, but of a pinned product they do not say why it stands where it stands."""
    said = {product_id: {**reasons[product_id], "sentence": PINNED} for product_id in pinned if product_id in reasons}
    return {**reasons, **said} if said else reasons
