"""Each rule on events: what it refuses, mends and leaves alone, with the line it reports."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from shelfwise.contracts.event import EVENT_TYPES
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, MENDED, conform
from shelfwise_pipeline.importing.event_rules import REQUIRED, event_rules
from shelfwise_pipeline.importing.report import ImportReport
from shelfwise_pipeline.importing.rules import apply

NOW = datetime(2024, 6, 1, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "event_id": "e1",
    "type": "purchase",
    "product_id": "p1",
    "user_id": "u1",
    "session_id": "s1",
    "timestamp": datetime(2024, 5, 1, 12, tzinfo=UTC),
    "quantity": 2,
    "value": 3.98,
    "request_id": "r1",
    "position": 1,
}


def check(*changes: dict[str, Any]) -> tuple[pl.DataFrame, ImportReport]:
    frame = pl.DataFrame([GOOD | change for change in changes], schema=EVENT_COLUMNS)
    report = ImportReport("events")
    return apply(event_rules(NOW), conform(frame, EVENT_COLUMNS, REQUIRED), report), report


@pytest.mark.parametrize(
    "change",
    [
        {},
        *({"type": kind} for kind in EVENT_TYPES),
        {"user_id": None},
        {"session_id": None},
        {"quantity": None},
        {"value": 0.0},
    ],
)
def test_a_good_event_is_left_alone(change: dict[str, Any]) -> None:
    rows, report = check(change)
    assert rows.drop("line", MENDED).row(0, named=True) == GOOD | change
    assert (report.accepted, report.findings) == (1, {})


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"event_id": None}, "event_id_missing"),
        ({"event_id": "e" * 201}, "event_id_too_long"),
        ({"product_id": " "}, "product_id_missing"),
        ({"type": None}, "type_missing"),
        ({"type": "return"}, "type_unknown"),
        ({"user_id": " ", "session_id": None}, "nobody"),
        ({"timestamp": None}, "timestamp_missing"),
        ({"quantity": -2}, "quantity_negative"),
        ({"quantity": 0}, "quantity_zero"),
        ({"value": -3.0}, "value_negative"),
        ({"timestamp": datetime(2024, 6, 3, tzinfo=UTC)}, "timestamp_future"),
        ({"timestamp": datetime(1970, 1, 1, tzinfo=UTC)}, "timestamp_ancient"),
    ],
)
def test_a_bad_event_is_refused_and_reported_with_its_line(change: dict[str, Any], rule: str) -> None:
    rows, report = check({"event_id": "e0"}, change)
    assert rows["event_id"].to_list() == ["e0"]
    assert (report.read, report.accepted, report.refused) == (2, 1, 1)
    assert (report.findings[rule].action, report.findings[rule].rows, report.findings[rule].examples[0][0]) == ("refused", 1, 2)


@pytest.mark.parametrize(
    ("change", "rule", "mended"),
    [
        ({"type": "Add to Cart"}, "type_spelling", "add_to_cart"),
        ({"type": "VIEW"}, "type_spelling", "view"),
        ({"user_id": " u1 "}, "user_id_untidy", "u1"),
        ({"request_id": ""}, "request_id_untidy", None),
        ({"quantity": 0, "type": "view"}, "quantity_below_one", 1),
        ({"quantity": 19692}, "quantity_too_large", 1),
        ({"value": -3.0, "type": "view"}, "value_impossible", None),
        ({"value": float("nan")}, "value_impossible", None),
        ({"position": 0}, "position_impossible", None),
    ],
)
def test_a_mendable_event_is_mended_and_reported(change: dict[str, Any], rule: str, mended: object) -> None:
    rows, report = check(change)
    column = next(iter(change))
    assert rows[column].to_list() == [mended]
    assert (report.accepted, report.mended, report.refused) == (1, 1, 0)
    assert report.findings[rule].action == "mended"


def test_the_first_good_line_of_a_repeated_id_is_kept() -> None:
    rows, report = check({"timestamp": None}, {"quantity": 3}, {"quantity": 4})
    assert rows.select("line", "quantity").rows() == [(2, 3)]
    assert report.findings["event_id_repeated"].examples == [(3, "e1")]
