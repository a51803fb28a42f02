"""What is shown first: pins, boosts, diversity, and one of every group of variants."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shelfwise.clients import Candidates
from shelfwise_gateway.scenarios import ProductField, Scenario


@dataclass(frozen=True, slots=True)
class Shown:
    """`rows` of the candidates, in the order they are shown; `variants` were left out as the same as one before them."""

    rows: list[int]
    variants: int


def order(candidates: Candidates, scores: list[float], scenario: Scenario, top_k: int, hidden: Collection[str] = ()) -> Shown:
    """The best `top_k` candidates by `scores`, as the scenario wants them; products in `hidden` are left out.

    Equal scores keep the candidates' order, which is the retriever's.
    """
    ranked = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    if hidden:
        ranked = [row for row in ranked if candidates.ids[row] not in hidden]
    if scenario.boosts:
        ranked = _boosted(ranked, candidates.products, scenario)
    pinned = _pinned(ranked, candidates.ids, scenario, top_k) if scenario.pins else {}
    taken = set(pinned.values())
    if pinned:  # first in line, so that no variant takes their place
        ranked = [*taken, *(row for row in ranked if row not in taken)]
    rows, variants = _distinct(ranked, candidates.products, scenario, top_k, len(taken))
    if pinned:
        rows = [row for row in rows if row not in taken]
        for position, row in sorted(pinned.items()):
            rows.insert(position - 1, row)
    return Shown(rows, variants)


def _boosted(ranked: list[int], products: Sequence[dict[str, Any]], scenario: Scenario) -> list[int]:
    place: dict[int, float] = {}
    for now, row in enumerate(ranked):
        moved = sum(boost.places for boost in scenario.boosts if boost.value in _values(products[row], boost.field))
        # Half a place more than the one aimed at, so that it passes the product that stands there.
        place[row] = now - moved - (0.5 if moved > 0 else -0.5 if moved < 0 else 0.0)
    return sorted(ranked, key=place.__getitem__)


def _values(product: dict[str, Any], field: ProductField) -> list[str]:
    value = product.get(field)
    return value if isinstance(value, list) else [value] if value else []


def _pinned(ranked: list[int], ids: list[str], scenario: Scenario, top_k: int) -> dict[int, int]:
    """Row by position, of the pins that are among the candidates and fit."""
    row_of = {ids[row]: row for row in ranked}
    return {pin.position: row_of[pin.product_id] for pin in scenario.pins if pin.product_id in row_of and pin.position <= top_k}


def _distinct(
    ranked: list[int], products: Sequence[dict[str, Any]], scenario: Scenario, top_k: int, exempt: int
) -> tuple[list[int], int]:
    """The first `top_k` rows that are no variants of one before them, and how many were.

    Rows over a limit of `at_most` come last, when the others do not fill `top_k`. The first `exempt` rows are always taken.
    """
    seen: set[tuple[str, str]] = set()
    taken: list[int] = []
    postponed: list[int] = []
    shown_of: Counter[tuple[str, str]] = Counter()
    variants = 0
    for place, row in enumerate(ranked):
        if len(taken) == top_k:
            break
        product = products[row]
        keys = _sameness(product, scenario)
        if place >= exempt and not seen.isdisjoint(keys):
            variants += 1
            continue
        seen.update(keys)
        if scenario.at_most:
            groups = [(field, _values(product, field)[-1]) for field in scenario.at_most if _values(product, field)]
            if place >= exempt and any(shown_of[group] >= scenario.at_most[group[0]] for group in groups):
                postponed.append(row)
                continue
            shown_of.update(groups)
        taken.append(row)
    return taken + postponed[: top_k - len(taken)], variants


def _sameness(product: dict[str, Any], scenario: Scenario) -> list[tuple[str, str]]:
    keys = []
    if "title" in scenario.collapse:
        keys.append(("title", " ".join(product["title"].casefold().split())))
    if "variant_group" in scenario.collapse and product.get("variant_group"):
        keys.append(("variant_group", product["variant_group"]))
    return keys
