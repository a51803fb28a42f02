"""Reasons for products that no model ordered, and for those that the shop placed."""

from collections.abc import Callable, Collection
from typing import Any

from shelfwise.clients import Candidates
from shelfwise.contracts.reason import Phrase
from shelfwise_gateway.scenario import Scenario

Json = dict[str, Any]

Reasons = dict[str, Json]
"""`contracts.reason.Reason` by product."""

_PINNED = Phrase("pinned")
_NAMED = Phrase("has_product_number")


def of_order(candidates: Candidates, scores: list[float], scenario: Scenario, history: Json | None = None) -> Reasons:
    """The one number that decided, as a sentence and as its share of the score. `history`: `contracts.history.History`."""
    phrase_of = _phrases(candidates, scenario, history)
    decided_by = scenario.by_source or "order_of_retrieval"
    return {
        product_id: {**_said(phrase_of(row)), "base": 0.0, "contributions": {decided_by: scores[row]}}
        for row, product_id in enumerate(candidates.ids)
    }


def with_places(reasons: Reasons, pinned: Collection[str], named: str | None) -> Reasons:
    """`reasons`, with other sentences for pinned products and the one `named` by id: numbers do not explain their place."""
    phrases = dict.fromkeys(pinned, _PINNED)
    if named is not None:
        phrases[named] = _NAMED
    said = {product: {**reasons[product], **_said(phrase)} for product, phrase in phrases.items() if product in reasons}
    return {**reasons, **said} if said else reasons


def _phrases(candidates: Candidates, scenario: Scenario, history: Json | None) -> Callable[[int], Phrase]:
    """The phrase that is true of each row. A source explains only its own finds, and `trending` only products that sell."""
    usual = Phrase("suggested" if scenario.question == "user" else "fits")
    own_words = Phrase("said_by_scenario", {"sentence": scenario.reason}) if scenario.reason is not None else None
    source = scenario.by_source
    if source is None:
        return lambda row: own_words or usual
    column = candidates.scores.get(source, [])
    touched = _touched(source, history)

    def phrase_of(row: int) -> Phrase:
        score = column[row] if column else None
        if score is None or (source == "trending" and score <= 0):
            return usual
        if own_words is not None:
            return own_words
        return Phrase("popular") if source == "trending" else touched.get(candidates.ids[row], usual)

    return phrase_of


def _touched(source: str, history: Json | None) -> dict[str, Phrase]:
    """What the shopper did with each product that these sources find; empty for other sources, which search something else."""
    if history is None or source not in {"own", "viewed"}:
        return {}
    kinds = zip(history["products"], history["purchases"], history["views"], strict=True)
    if source == "viewed":
        return {product: Phrase("you_looked_recently" if views else "you_put_into_cart") for product, _, views in kinds}
    return {
        product: Phrase("you_bought" if purchases else "you_looked" if views else "you_put_into_cart")
        for product, purchases, views in kinds
    }


def _said(phrase: Phrase) -> Json:
    return {"sentence": str(phrase), "parts": [{"code": phrase.code, "values": dict(phrase.values)}]}
