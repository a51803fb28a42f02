"""Counts the outcomes of answers from the events that name them. PostgreSQL does the counting and returns a row per
scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from shelfwise.contracts.answer_id import DIGITS, LABEL
from shelfwise.shopper_name import SHOPPER_IN_SQL

OUTCOMES: Final = ("viewed", "in cart", "bought", "value")
"""The outcomes of a seen answer: whether a product of it was looked at, put into a cart, bought (1 or 0); and the value then
paid."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of something counted per shopper: its sum over all shoppers, and how it varies among them.

    `variance`, and `covariance` with the number of answers that the shopper saw, are those of a sample; nan with fewer than two
    shoppers.
    """

    total: float
    variance: float
    covariance: float


@dataclass(frozen=True, slots=True)
class Arm:
    """The answers of one scenario to those who asked for it or, in an experiment, for `experiment`."""

    scenario: str
    experiment: str | None
    shoppers: int
    """Shoppers who saw at least one of the answers."""
    answers: Moments
    """The answers seen: those that an impression names."""
    unseen: int
    """Answers that an event names, but no impression."""
    outcomes: Mapping[str, Moments]
    happened: Mapping[str, int]
    """How many shoppers had each outcome."""


# The ids' format is checked only once per label: a regular expression for every event took 20 of 22 seconds. An outcome belongs
# to the answer that its event names. An addition to the cart or a purchase that names no answer belongs to the answer of the
# shopper's last view of the product, unless that was too long ago. Views that name no answer are ignored, as they may be of a
# page opened again. The views are numbered, and the events that follow one get its number: joined with every earlier view, a
# bot's 4,000 views and 4,000 carts of one product took 100 seconds.
_COUNT = """
WITH told AS MATERIALIZED (
    SELECT event_id, type, product_id, {shopper} AS shopper, timestamp, value,
           request_id, left(right(request_id, {tail}), 1) = '.' AS names_answer
    FROM behavior.events
    WHERE timestamp >= %(since)s AND timestamp < %(until)s
      AND (left(right(request_id, {tail}), 1) = '.' OR (request_id IS NULL AND type IN ('add_to_cart', 'purchase')))
), in_turn AS (
    SELECT told.*, count(*) FILTER (WHERE names_answer) OVER (
               PARTITION BY shopper, product_id ORDER BY timestamp, names_answer DESC NULLS LAST, event_id) AS looks
    FROM told WHERE request_id IS NULL OR (type = 'view' AND names_answer)
), after_look AS (
    SELECT type, value, shopper, timestamp, request_id IS NULL AS names_none, looks,
           first_value(request_id) OVER look AS request_id, first_value(timestamp) OVER look AS looked_at
    FROM in_turn
    WINDOW look AS (
        PARTITION BY shopper, product_id, looks ORDER BY timestamp, names_answer DESC NULLS LAST, event_id)
), followed AS (
    SELECT request_id, shopper, type, value FROM after_look
    WHERE names_none AND looks > 0 AND looked_at > timestamp - %(within)s
), answers AS (
    SELECT left(request_id, -{tail}) AS label, max(shopper) AS shopper,
           bool_or(type = 'impression') AS seen,
           bool_or(type = 'view')::int AS viewed,
           bool_or(type = 'add_to_cart')::int AS carted,
           bool_or(type = 'purchase')::int AS bought,
           coalesce(sum(value) FILTER (WHERE type = 'purchase'), 0)::float8 AS value
    FROM (
        SELECT request_id, shopper, type, value FROM told WHERE names_answer
        UNION ALL SELECT request_id, shopper, type, value FROM followed
    ) AS all_told
    GROUP BY request_id
), shoppers AS (
    SELECT label, count(*) FILTER (WHERE NOT seen) AS unseen,
           nullif(count(*) FILTER (WHERE seen), 0)::float8 AS answers,
           sum(viewed) FILTER (WHERE seen)::float8 AS "viewed", sum(carted) FILTER (WHERE seen)::float8 AS "in cart",
           sum(bought) FILTER (WHERE seen)::float8 AS "bought", sum(value) FILTER (WHERE seen) AS "value"
    FROM answers GROUP BY label, shopper
)
SELECT label, count(answers) AS shoppers, sum(unseen)::bigint AS unseen,
       sum(answers) AS "answers total", var_samp(answers) AS "answers variance", {moments}
FROM shoppers GROUP BY label HAVING label ~ %(label)s ORDER BY label
"""
_MOMENTS = ", ".join(
    f'sum("{name}") AS "{name} total", var_samp("{name}") AS "{name} variance", '
    f'covar_samp("{name}", answers) AS "{name} covariance", count(*) FILTER (WHERE "{name}" > 0) AS "{name} happened"'
    for name in OUTCOMES
)


def count(connection: psycopg.Connection[Any], since: datetime, until: datetime, within: timedelta) -> list[Arm]:
    """Return the arms whose answers are named by events of that time, in the order of their names.

    `within`: the maximum time between a view of a product and its purchase for the purchase to belong to the answer that the
    view came from.
    """
    given = {"label": LABEL, "since": since, "until": until, "within": within}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _COUNT.format(tail=DIGITS + 1, moments=_MOMENTS, shopper=SHOPPER_IN_SQL).encode(), given
        ).fetchall()
    return [_arm(row) for row in rows]


def _arm(row: Mapping[str, Any]) -> Arm:
    asked, _, answered = row["label"].partition(":")
    return Arm(
        scenario=answered or asked,
        experiment=asked if answered else None,
        shoppers=row["shoppers"],
        answers=_moments(row, "answers"),
        unseen=row["unseen"],
        outcomes={name: _moments(row, name) for name in OUTCOMES},
        happened={name: row[f"{name} happened"] for name in OUTCOMES},
    )


def _moments(row: Mapping[str, Any], name: str) -> Moments:
    def number(key: str, missing: float) -> float:
        value = row.get(f"{name} {key}")
        return missing if value is None else float(value)

    return Moments(number("total", 0), number("variance", float("nan")), number("covariance", float("nan")))
