"""Which parts are killed, and what counts as lost."""

import random
from collections import Counter
from typing import Any

import pytest

from benchmarks.living.kills.checks import stored_events, stored_products
from benchmarks.living.kills.ledger import Ledger
from benchmarks.living.kills.rounds import KINDS, targets


@pytest.mark.parametrize("rounds", [1, 4, 6, 20])
def test_every_kind_is_killed_as_often_as_any_other(rounds: int) -> None:
    drawn = list(targets(rounds, random.Random(3)))
    assert len(drawn) == rounds
    times = Counter(target.kind for target in drawn)
    assert set(times) <= set(KINDS)
    assert max(times.values()) - min(times.values()) <= 1
    assert {target.number for target in drawn if target.kind in ("gateway", "postgres")} <= {1}
    if rounds == 20:
        assert {target.name for target in drawn} >= {"retriever", "retriever-2", "ranker", "ranker-2"}


class Database:
    """Answers every statement with the same rows."""

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self._rows = list(rows)

    def execute(self, statement: str) -> "Database":
        return self

    def __iter__(self) -> Any:
        return iter(self._rows)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


def test_products_that_differ_from_their_last_acknowledgement_are_reported() -> None:
    ledger = Ledger(products={"a": {"title": "Lamp", "price": 2.0}, "b": None, "c": {"price": 3.0}})
    stored = Database(("a", "Lamp", None, [], 2.0, True), ("c", "Any", "Own", ["Home"], 3.0, True))
    assert stored_products(ledger, stored) == []  # type: ignore[arg-type]
    old = Database(("a", "Lamp", None, [], 1.0, True), ("b", "Gone", None, [], None, True))
    problems = stored_products(ledger, old)  # type: ignore[arg-type]
    assert [problem.split(":")[0] for problem in problems] == ["a", "b", "c"]


def test_changed_missing_and_unknown_events_are_reported() -> None:
    ledger = Ledger(events={"killed-1": {"product_id": "a", "type": "view"}, "killed-2": {"product_id": "b", "type": "view"}})
    assert stored_events(ledger, Database(("killed-1", "a", "view"), ("killed-2", "b", "view"))) == []  # type: ignore[arg-type]
    found = stored_events(ledger, Database(("killed-1", "x", "view"), ("killed-3", "a", "view")))  # type: ignore[arg-type]
    assert [problem.split(" ")[0].rstrip(":") for problem in found] == ["killed-1", "killed-2", "killed-3"]


def test_recovery_ends_with_the_first_answer_to_what_was_sent_after_the_kill() -> None:
    ledger = Ledger()
    ledger.acknowledged["products"] += [(1.0, 5.0), (3.0, 9.0), (4.0, 7.0)]
    assert ledger.first_after("products", 2.0) == 5.0
    assert ledger.first_after("events", 2.0) is None
