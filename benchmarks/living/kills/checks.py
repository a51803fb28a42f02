"""Checks after the last kill: PostgreSQL and every replica's answers must hold everything that was acknowledged."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import httpx
import psycopg

from benchmarks.living.kills.ledger import Fields, Ledger

T = TypeVar("T")

SETTLED_S = 60.0
_AT_ONCE = 500
EXACT = ("purchases_7d", "purchases_30d", "purchases_90d", "views_30d", "carts_30d", "buyers_90d")
"""Only counts: the other statistics also depend on the moment."""


def stored_products(ledger: Ledger, connection: psycopg.Connection[Any]) -> list[str]:
    """Products whose state in PostgreSQL differs from the last acknowledged one."""
    rows = connection.execute("SELECT product_id, title, brand, category, price::float8, in_stock FROM catalog.products")
    stored = {row[0]: dict(zip(("title", "brand", "category", "price", "in_stock"), row[1:], strict=True)) for row in rows}
    return _different(ledger.products.items(), stored.get)


def stored_events(ledger: Ledger, connection: psycopg.Connection[Any]) -> list[str]:
    """Acknowledged events that are not stored exactly once, and stored events that were never acknowledged."""
    rows = connection.execute(
        "SELECT event_id, product_id, type FROM behavior.events WHERE event_id LIKE 'killed-%'"
    ).fetchall()
    stored = {event_id: {"product_id": product_id, "type": kind} for event_id, product_id, kind in rows}
    problems = _different(ledger.events.items(), stored.get)
    problems += [f"{event_id} is stored and was never acknowledged" for event_id in stored.keys() - ledger.events.keys()]
    if len(rows) != len(stored):
        problems.append(f"expected each event once, found {len(rows)} rows of {len(stored)} events")
    return problems


def shown_products(ledger: Ledger, retriever: str, seq: int) -> list[str]:
    """Products whose state in the answers of a retriever at change `seq` differs from the last acknowledged one."""
    _settled(lambda: httpx.get(f"{retriever}/changes").raise_for_status().json()["applied"] >= seq)
    shown: dict[str, Fields] = {}
    for ids in _parts(ledger.products):
        question = {"kind": "text", "text": "anything", "only": ids, "sources": ["lexical"]}
        answer = httpx.post(f"{retriever}/retrieve", json=question, timeout=30).raise_for_status().json()
        shown.update({product["product_id"]: product for product in answer["products"]})
    return _different(ledger.products.items(), shown.get)


def found_products(ledger: Ledger, retriever: str, most: int) -> list[str]:
    """Of the `most` products written last, those that a search by their own title and brand does not find."""
    written = [(key, fields) for key, fields in ledger.products.items() if fields and "brand" in fields and "title" in fields]
    problems = []
    for product_id, fields in written[-most:]:
        question = {"kind": "text", "text": fields["title"], "filter": {"brand": fields["brand"]}, "per_text": None}
        answer = httpx.post(f"{retriever}/retrieve", json=question, timeout=30).raise_for_status().json()
        if product_id not in answer["ids"]:
            problems.append(f"{product_id} is not found by its title {fields['title']!r}")
    return problems


def counted_events(ledger: Ledger, rankers: Sequence[str], fresh: str) -> list[str]:
    """Products whose counts in a ranker differ from those in `fresh`, a ranker that has just started and read everything anew.

    Deleted products are left out: a ranker that knew them continues to count them, and nobody asks for them.
    """
    touched = {event["product_id"] for event in ledger.events.values()}
    products = [product for product in touched if ledger.products.get(product, {}) is not None]

    def problems() -> list[str]:
        expected = statistics(fresh, products)
        found = []
        for ranker in rankers:
            counts = statistics(ranker, products)
            found += [f"{ranker}: {product}: expected {expected[product]}, found {counts[product]}" for product in products
                      if counts[product] != expected[product]]  # fmt: skip
        return found

    # An event that leaves a window right now may still count in one ranker only. Only lasting differences are wrong.
    give_up_at = time.monotonic() + SETTLED_S
    while (found := problems()) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return found


def statistics(ranker: str, products: Sequence[str]) -> dict[str, dict[str, float] | None]:
    """The ranker's counts for each product; None if it does not know the product. Counts have the precision of float32."""
    counts: dict[str, dict[str, float] | None] = {}
    for ids in _parts(products):
        answer = httpx.post(f"{ranker}/statistics", json={"product_ids": ids}, timeout=30).raise_for_status().json()
        for product_id, values in zip(ids, answer["values"], strict=True):
            named = None if values is None else dict(zip(answer["columns"], values, strict=True))
            counts[product_id] = None if named is None else {name: round(named[name], 5) for name in EXACT}
    return counts


def _different(expected: Iterable[tuple[str, Fields | None]], found_of: Callable[[str], Fields | None]) -> list[str]:
    """A sentence for each entry that is not as expected. Only the expected fields are compared."""
    problems = []
    for key, wanted in expected:
        found = found_of(key)
        if wanted is None or found is None:
            if wanted is not found:
                problems.append(f"{key}: expected {wanted}, found {found}")
            continue
        other = {name: found.get(name) for name, value in wanted.items() if name in _COMPARED and found.get(name) != value}
        if other:
            problems.append(f"{key}: expected {wanted}, found {other}")
    return problems


_COMPARED = frozenset({"title", "brand", "category", "price", "in_stock", "product_id", "type"})


def _settled(holds: Callable[[], bool]) -> None:
    """Wait until `holds()` is true, at most SETTLED_S seconds."""
    give_up_at = time.monotonic() + SETTLED_S
    while not holds() and time.monotonic() < give_up_at:
        time.sleep(0.5)


def _parts(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while part := list(islice(left, _AT_ONCE)):
        yield part
