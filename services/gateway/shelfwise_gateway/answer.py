"""The answer's body: `contracts.recommend.RecommendResponse`, written straight to JSON."""

from typing import Any

import orjson

from shelfwise.app.context import request_id
from shelfwise.clients import Candidates
from shelfwise_gateway.ordering import Shown


def items_of(shown: Shown, candidates: Candidates, scores: list[float], reasons: dict[str, Any]) -> list[dict[str, Any]]:
    """What the shop said of each shown product, and how it came to be there."""
    return [_item(row, rank, candidates, scores[row], reasons) for rank, row in enumerate(shown.rows, start=1)]


def _item(row: int, rank: int, candidates: Candidates, score: float, reasons: dict[str, Any]) -> dict[str, Any]:
    product = candidates.products[row]
    product_id = candidates.ids[row]
    item = {
        "product_id": product_id,
        "name": product["title"],
        "score": score,
        "rank": rank,
        "sources": [source for source, column in candidates.scores.items() if column[row] is not None],
        **product,
    }
    del item["title"]
    if product_id in reasons:
        item["reason"] = reasons[product_id]
    return item


def why_fewer(shown: Shown, top_k: int, candidates: Candidates) -> str | None:
    """Why fewer than `top_k` are shown; None when they are not."""
    if len(shown.rows) >= top_k:
        return None
    if candidates.why_fewer:
        return candidates.why_fewer
    if shown.variants:
        return f"{shown.variants} of {len(candidates.ids)} products found are variants of those shown"
    return f"only {len(candidates.ids)} products were found"


def body(
    items: list[dict[str, Any]],
    items_json: bytes,
    *,
    scenario: str,
    bundle: str,
    degraded: list[Any],
    why_fewer: str | None,
    timings_ms: dict[str, float],
) -> bytes:
    """`items_json` is `items` as JSON already."""
    answer = {
        "recommendations": [item["name"] for item in items],
        "items": orjson.Fragment(items_json),
        "request_id": request_id.get(),
        "scenario": scenario,
        "bundle": bundle,
        "degraded": degraded,
        "timings_ms": timings_ms,
    }
    if why_fewer is not None:
        answer["why_fewer"] = why_fewer
    return orjson.dumps(answer)
