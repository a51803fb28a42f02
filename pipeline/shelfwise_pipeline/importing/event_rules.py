"""The checks on events, in the order of application."""

from datetime import UTC, datetime, timedelta

import polars as pl

from shelfwise.contracts.event import EARLIEST, EVENT_TYPES
from shelfwise_pipeline.importing.columns import LINE
from shelfwise_pipeline.importing.rules import Rule, number_rule, text_rules

REQUIRED = frozenset({"event_id", "type", "product_id", "timestamp"})
MAX_QUANTITY = 1000
MAX_VALUE = 1e9


def event_rules(now: datetime | None = None) -> list[Rule]:
    """Return the rules. `now` (default: the clock) determines which events are in the future, with a day's tolerance for wrong
    clocks and zones."""
    tomorrow = (now or datetime.now(UTC)) + timedelta(days=1)
    kind = pl.col("type").str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    quantity, value, is_purchase = pl.col("quantity"), pl.col("value"), pl.col("type") == "purchase"
    return [
        *text_rules("event_id", 200, required=True),
        *text_rules("product_id", 200, required=True),
        *text_rules("user_id", 200),
        *text_rules("session_id", 200),
        *text_rules("request_id", 200),
        *text_rules("type", 100, required=True),
        Rule("type_spelling", "type", "event types are written like add_to_cart", kind != pl.col("type"), kind),
        Rule("type_unknown", "type", f"not one of {', '.join(EVENT_TYPES)}", ~pl.col("type").is_in(EVENT_TYPES)),
        Rule(
            "nobody",
            "user_id",
            "neither user_id nor session_id: the event has no shopper",
            pl.col("user_id").is_null() & pl.col("session_id").is_null(),
        ),
        Rule("timestamp_missing", "timestamp", "timestamp is required and is missing", pl.col("timestamp").is_null()),
        Rule("timestamp_future", "timestamp", "more than a day in the future", pl.col("timestamp") > tomorrow),
        Rule("timestamp_ancient", "timestamp", f"before {EARLIEST:%Y}", pl.col("timestamp") < EARLIEST),
        Rule("quantity_negative", "quantity", "a negative quantity is a return or a cancellation", quantity < 0, usual=True),
        Rule(
            "quantity_zero",
            "quantity",
            "a purchase with quantity 0 is a refund or a correction",
            is_purchase & (quantity == 0),
            usual=True,
        ),
        Rule("value_negative", "value", "a purchase with a negative value is a refund", is_purchase & (value < 0), usual=True),
        Rule("quantity_below_one", "quantity", "a quantity is at least 1; taken as 1", quantity < 1, pl.lit(1)),
        Rule(
            "quantity_too_large",
            "quantity",
            f"more than {MAX_QUANTITY:,} (weighed or metered goods?); taken as 1",
            quantity > MAX_QUANTITY,
            pl.lit(1),
        ),
        number_rule(
            "value",
            f"a value is a number from 0 to {MAX_VALUE:,.0f}",
            ~(value.is_finite() & (value >= 0) & (value <= MAX_VALUE)),
        ),
        number_rule("position", "positions count from 1", pl.col("position") < 1),
        Rule(
            "event_id_repeated",
            "event_id",
            "an earlier line has the same event_id; the first one is kept",
            ~pl.col(LINE).eq(pl.col(LINE).first().over("event_id")),
            usual=True,
        ),
    ]
