"""Rules that hold for every order, checked on many random shelves and scenarios (seeded, so failures are reproducible)."""

import random
from collections import Counter
from typing import Any

import pytest

from shelfwise.clients import Candidates
from shelfwise_gateway import titles
from shelfwise_gateway.ordering import order
from shelfwise_gateway.scenario import Scenario

BRANDS = ["Acme", "Bolt", "Coil", None]
CATEGORIES = [["Food", "Milk"], ["Food", "Tea"], ["Home"], []]


class Shelf:
    """Random candidates, scores, scenario, top_k and hidden products."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        count = chance.randrange(40)
        self.products = [self._product(chance, row) for row in range(count)]
        self.ids = [product["product_id"] for product in self.products]
        self.scores = [float(chance.randrange(12)) for _ in self.products]
        self.top_k = chance.randint(1, 15)
        self.hidden = {key for key in self.ids if chance.random() < 0.15} | {"gone"}
        self.pins = {
            position: f"p{chance.randrange(45)}" for position in chance.sample(range(1, 16), chance.choice([0, 0, 1, 3]))
        }
        self.pins = {position: key for position, key in self.pins.items() if list(self.pins.values()).count(key) == 1}
        self.at_most = {field: chance.randint(1, 3) for field in ("brand", "category") if chance.random() < 0.4}
        self.collapse: set[str] = {same for same in ("title", "size", "variant_group") if chance.random() < 0.4}
        shifts = [{"where": {"brand": chance.choice(["acme", "Bolt"])}, "places": chance.randint(1, 9)}]
        self.shifted = chance.random() < 0.5
        said: dict[str, Any] = {
            "question": "text",
            "pins": [{"product_id": key, "position": position} for position, key in self.pins.items()],
            "at_most": self.at_most,
            "collapse": self.collapse,
            chance.choice(["boosts", "buries"]): shifts if self.shifted else [],
        }
        self.scenario = Scenario.model_validate(said)
        found = Candidates("b", self.ids, [0.0] * count, {}, self.products, None)
        self.shown = order(found, self.scores, self.scenario, self.top_k, self.hidden)
        self.rows = self.shown.rows

    @staticmethod
    def _product(chance: random.Random, row: int) -> dict[str, Any]:
        amount = chance.choice(["", ", 6 oz", " 1 kg"])
        return {
            "product_id": f"p{row}",
            "title": f"thing {chance.choice('abcdefgh')}{amount}",
            "brand": chance.choice(BRANDS),
            "category": chance.choice(CATEGORIES),
            "variant_group": chance.choice([None, None, "g", "h"]),
        }

    def pinned_here(self) -> dict[int, int]:
        """Row by position of the pins that must be obeyed."""
        return {
            position: self.ids.index(key)
            for position, key in self.pins.items()
            if key in self.ids and key not in self.hidden and position <= self.top_k
        }

    def same(self, one: int, other: int) -> bool:
        a, b = self.products[one], self.products[other]
        key = titles.without_size if "size" in self.collapse else titles.words
        by_title = bool(self.collapse & {"title", "size"}) and not set(key(a["title"])).isdisjoint(key(b["title"]))
        by_group = "variant_group" in self.collapse and a["variant_group"] is not None
        return by_title or (by_group and a["variant_group"] == b["variant_group"])

    def groups(self, row: int) -> list[tuple[str, str]]:
        product = self.products[row]
        found = {"brand": product["brand"], "category": product["category"][-1] if product["category"] else None}
        return [(field, value) for field, value in found.items() if field in self.at_most and value]


@pytest.fixture(scope="module")
def shelves() -> list[Shelf]:
    return [Shelf(seed) for seed in range(1500)]


def test_the_random_shelves_cover_every_rule(shelves: list[Shelf]) -> None:
    """Otherwise the tests below could pass for lack of cases."""
    assert sum(bool(shelf.pinned_here()) for shelf in shelves) > 100
    assert sum(max(shelf.pinned_here(), default=0) > len(shelf.rows) for shelf in shelves) > 20
    assert sum(bool(shelf.at_most) for shelf in shelves) > 500
    assert sum(shelf.shown.variants > 0 for shelf in shelves) > 500
    assert sum(shelf.shown.hidden > 0 for shelf in shelves) > 500
    assert sum(len(shelf.rows) < shelf.top_k for shelf in shelves) > 200


def test_no_more_than_top_k_products_are_shown_and_none_twice(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        assert len(shelf.rows) <= shelf.top_k
        assert len(set(shelf.rows)) == len(shelf.rows)


def test_no_hidden_product_is_shown(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        assert shelf.hidden.isdisjoint(shelf.ids[row] for row in shelf.rows)


def test_pinned_products_are_shown_at_their_positions(shelves: list[Shelf]) -> None:
    """Or last, in the order of their positions, if too few others precede them."""
    for shelf in shelves:
        pinned = shelf.pinned_here()
        assert set(pinned.values()) <= set(shelf.rows)
        others = len(shelf.rows) - len(pinned)
        for before, (position, row) in enumerate(sorted(pinned.items())):
            assert shelf.rows.index(row) == min(position - 1, others + before)


def test_no_two_variants_are_shown_unless_pinned(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        pinned = set(shelf.pinned_here().values())
        for place, one in enumerate(shelf.rows):
            for other in shelf.rows[place + 1 :]:
                assert not shelf.same(one, other) or {one, other} <= pinned


def test_every_product_left_out_has_a_reason(shelves: list[Shelf]) -> None:
    """A shelf with room lacks nothing but hidden products and variants of those that are shown."""
    for shelf in shelves:
        if len(shelf.rows) < shelf.top_k:
            for row, key in enumerate(shelf.ids):
                shown = row in shelf.rows or any(shelf.same(row, other) for other in shelf.rows)
                assert shown or key in shelf.hidden
            assert len(shelf.rows) + shelf.shown.variants + shelf.shown.hidden == len(shelf.ids)


def test_a_group_goes_over_its_limit_only_when_nothing_else_is_left(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        pinned = set(shelf.pinned_here().values())
        over = [
            group
            for group, count in Counter(group for row in shelf.rows for group in shelf.groups(row)).items()
            if count > shelf.at_most[group[0]]
        ]
        if not over or pinned:
            continue
        for row, key in enumerate(shelf.ids):
            if row in shelf.rows or key in shelf.hidden or any(shelf.same(row, other) for other in shelf.rows):
                continue
            shown = Counter(group for other in shelf.rows for group in shelf.groups(other))
            full = any(shown[group] >= shelf.at_most[group[0]] for group in shelf.groups(row))
            assert full, f"{key} is of no full group and was passed over"


def test_without_rules_the_best_products_come_first(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        if not shelf.pinned_here() and not shelf.shifted and not shelf.at_most:
            shown = [shelf.scores[row] for row in shelf.rows]
            assert shown == sorted(shown, reverse=True)
            for one, other in zip(shelf.rows, shelf.rows[1:], strict=False):
                assert shelf.scores[one] > shelf.scores[other] or one < other, "equals keep the order they came in"
