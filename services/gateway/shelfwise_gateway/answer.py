"""The answer's body: `RecommendResponse` or `RerankResponse` of the contracts, written directly as JSON."""

from typing import Any

import orjson

from shelfwise.clients import Candidates
from shelfwise.context import request_id
from shelfwise_gateway.ordering import Shown


def items_of(
    shown: Shown, candidates: Candidates, scores: list[float], reasons: dict[str, Any], limit: int
) -> list[dict[str, Any]]:
    """The data and origin of each shown product. `limit`: the number of candidates asked of each source."""
    reach = candidates.reach(limit)
    told = [(source, column, reach[source]) for source, column in candidates.scores.items()]
    return [
        _item(row, rank, candidates, scores[row], _finders(row, told), reasons) for rank, row in enumerate(shown.rows, start=1)
    ]


def _finders(row: int, told: list[tuple[str, list[float | None], float]]) -> list[str]:
    """The sources that have the product among their best; if variants of others crowd it out of all, the source that ranks it
    highest. `told`: for each source its name, its column, and the lowest score among its best."""
    found = [source for source, column, least in told if (score := column[row]) is not None and score >= least]
    return found or _nearest(row, told)


def _nearest(row: int, told: list[tuple[str, list[float | None], float]]) -> list[str]:
    before = [
        (sum(1 for other in column if other is not None and other > score), place)
        for place, (_, column, _) in enumerate(told)
        if (score := column[row]) is not None
    ]
    return [told[min(before)[1]][0]] if before else []


def _item(
    row: int, rank: int, candidates: Candidates, score: float, sources: list[str], reasons: dict[str, Any]
) -> dict[str, Any]:
    product = candidates.products[row]
    product_id = candidates.ids[row]
    item = {"product_id": product_id, "name": product["title"], "score": score, "rank": rank, "sources": sources, **product}
    del item["title"]
    if product_id in reasons:
        item["reason"] = reasons[product_id]
    return item


def why_fewer(
    shown: Shown, top_k: int, candidates: Candidates, unknown_shopper: str | None = None, *, own: bool = False
) -> str | None:
    """Why fewer than `top_k` products are shown; None if enough are.

    `unknown_shopper`: the reason to give if nothing was found. `own`: only the shopper's own products were looked for, so the
    retriever's reason, which speaks of the catalog, does not apply.
    """
    if len(shown.rows) >= top_k:
        return None
    found = len(candidates.ids)
    if not found and unknown_shopper:
        return unknown_shopper
    if own:
        if not found:
            return "no product of this shopper's history can be shown"
        reasons = [f"only {found} {'product' if found == 1 else 'products'} of this shopper's history can be shown"]
    elif not found and not candidates.why_fewer:
        return "no product was found"
    else:
        reasons = [candidates.why_fewer] if candidates.why_fewer else []
    if shown.variants:
        reasons.append(f"{shown.variants} of {found} products found are variants of those shown")
    if shown.of_unwanted:
        reasons.append(
            f"{shown.of_unwanted} of {found} products found are variants of products that are asked about or excluded"
        )
    if shown.hidden:
        reasons.append(f"{shown.hidden} of {found} products found are excluded")
    return "; ".join(reasons) or f"only {found} product{'' if found == 1 else 's'} {'was' if found == 1 else 'were'} found"


def body(
    items: list[dict[str, Any]],
    items_json: bytes,
    *,
    bundle: str,
    degraded: list[Any],
    why_fewer: str | None,
    corrected_query: str | None = None,
    timings_ms: dict[str, float],
    **said: Any,
) -> bytes:
    """The JSON body. `items_json` is `items` already serialized; `said`: fields that only one of the two answers has."""
    answer = {
        "recommendations": [item["name"] for item in items],
        "items": orjson.Fragment(items_json),
        "request_id": request_id.get(),
        **said,
        "bundle": bundle,
        "degraded": degraded,
        "timings_ms": timings_ms,
    }
    if corrected_query is not None:
        answer["corrected_query"] = corrected_query
    if why_fewer is not None:
        answer["why_fewer"] = why_fewer
    return orjson.dumps(answer)
