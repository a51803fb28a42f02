"""Orders what is shown: the product whose id was typed, pins, boosts, diversity, one product per group of variants, and last
the products with what a text asks to be without."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shelfwise.clients import Candidates
from shelfwise.values import folded
from shelfwise_gateway import titles
from shelfwise_gateway.negation import Unwanted
from shelfwise_gateway.scenario import ProductField, Scenario

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """`rows` of the candidates, in the order in which they are shown.

    `variants` counts those left out as variants of a shown product, `of_unwanted` those left out as variants of a product that
    must not be shown, `hidden` those that the request or the scenario hides. `pinned` are the rows that a pin placed.
    """

    rows: list[int]
    variants: int
    hidden: int
    pinned: frozenset[int] = frozenset()
    of_unwanted: int = 0


def order(
    candidates: Candidates,
    scores: list[float],
    scenario: Scenario,
    top_k: int,
    hidden: Collection[str] = (),
    unwanted: Iterable[dict[str, Any]] = (),
    without: Unwanted | None = None,
) -> Shown:
    """The best `top_k` candidates by `scores`, as the scenario wants them. Products in `hidden` are left out; so are variants
    of the `unwanted` products, each a `contracts.retrieve.LeftOut`, unless they are pinned. Products with what the text asks
    to be `without` follow those without it; boosts and pins may still lift them. The product named by its id precedes all
    others, including pins.

    Equal scores keep the candidates' order, which is the retriever's.
    """
    ranked = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    if hidden:
        ranked = [row for row in ranked if candidates.ids[row] not in hidden]
    left_out = len(scores) - len(ranked)
    if without is not None:
        ranked.sort(key=lambda row: without.named_in(candidates.products[row]["title"]))
    if scenario.boosts or scenario.buries:
        ranked = _shifted(ranked, candidates.products, scenario)
    named = [row for row in ranked if candidates.ids[row] == candidates.named] if candidates.named is not None else []
    pinned = _pinned(ranked, candidates.ids, scenario, top_k - len(named)) if scenario.pins else {}
    pinned = {position: row for position, row in pinned.items() if row not in named}
    taken = list(dict.fromkeys([*named, *pinned.values()]))
    if taken:  # first in line, so that no variant takes their place
        ranked = [*taken, *(row for row in ranked if row not in taken)]
    avoided = {key for product in unwanted for key in _sameness(product, scenario)}
    rows, variants, of_unwanted = _distinct(ranked, candidates.products, scenario, top_k, len(taken), avoided)
    rows = [row for row in rows if row not in taken]
    for position, row in sorted(pinned.items()):
        rows.insert(position - 1, row)
    return Shown([*named, *rows], variants, left_out, frozenset(pinned.values()), of_unwanted)


def _shifted(ranked: list[int], products: Sequence[dict[str, Any]], scenario: Scenario) -> list[int]:
    """The rows with boosts and buries applied: each moves a product by a number of places, and several add up."""
    place: dict[int, float] = {}
    for now, row in enumerate(ranked):
        product = products[row]
        up = sum(shift.places for shift in scenario.boosts if shift.where.holds_for(product))
        down = sum(shift.places for shift in scenario.buries if shift.where.holds_for(product))
        # Half a place further than the target, so that it passes the product at the target.
        place[row] = now - up + down - (0.5 if up > down else -0.5 if up < down else 0.0)
    return sorted(ranked, key=place.__getitem__)


def _pinned(ranked: list[int], ids: list[str], scenario: Scenario, top_k: int) -> dict[int, int]:
    """Row by position, for the pins that are among the candidates and fit."""
    row_of = {ids[row]: row for row in ranked}
    return {pin.position: row_of[pin.product_id] for pin in scenario.pins if pin.product_id in row_of and pin.position <= top_k}


def _distinct(
    ranked: list[int], products: Sequence[dict[str, Any]], scenario: Scenario, top_k: int, exempt: int, avoided: set[Key]
) -> tuple[list[int], int, int]:
    """The first `top_k` `ranked` rows that are variants neither of an earlier row nor of a product with a key in `avoided`.

    Rows over a limit of `at_most` come last, if the others do not fill `top_k`. The first `exempt` rows are always taken.

    Returns:
        The rows, the number left out as variants of one of them, and the number left out because of `avoided`.
    """
    seen: set[Key] = set()
    taken: list[int] = []
    postponed: list[tuple[int, list[Key]]] = []
    shown_of: Counter[Key] = Counter()
    variants = of_unwanted = 0
    for place, row in enumerate(ranked):
        if len(taken) == top_k:
            break
        product = products[row]
        keys = _sameness(product, scenario)
        if place >= exempt and not avoided.isdisjoint(keys):
            of_unwanted += 1
            continue
        if place >= exempt and not seen.isdisjoint(keys):
            variants += 1
            continue
        if scenario.at_most:
            groups = [(field, group) for field in scenario.at_most if (group := _group(product, field))]
            if place >= exempt and any(shown_of[group] >= scenario.at_most[group[0]] for group in groups):
                postponed.append((row, keys))
                continue
            shown_of.update(groups)
        seen.update(keys)
        taken.append(row)
    for row, keys in postponed:
        if len(taken) == top_k:
            break
        if not seen.isdisjoint(keys):
            variants += 1
            continue
        seen.update(keys)
        taken.append(row)
    return taken, variants, of_unwanted


def _group(product: dict[str, Any], field: ProductField) -> str | None:
    """The brand, or the narrowest category, folded."""
    value = product.get(field)
    if isinstance(value, list):
        value = value[-1] if value else None
    return folded(value) if value else None


def _sameness(product: dict[str, Any], scenario: Scenario) -> list[Key]:
    """The keys by which the scenario recognizes variants: products that share a key are the same to a shopper."""
    keys = []
    if "size" in scenario.collapse:
        keys += [("size", key) for key in titles.without_size(product["title"])]
    elif "title" in scenario.collapse:
        keys += [("title", key) for key in titles.words(product["title"])]
    if "variant_group" in scenario.collapse and product.get("variant_group"):
        keys.append(("variant_group", product["variant_group"]))
    return keys
