"""Counts the outcomes of answers from the events that name them. PostgreSQL does the counting and returns a row per
scenario."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from shelfwise.contracts.answer_id import DIGITS, LABEL
from shelfwise.shopper_name import SHOPPER_IN_SQL

SHARES: Final = ("viewed", "in cart", "bought")
"""The outcomes of which a seen answer has 1 or 0: whether a product of it was looked at, put into a cart, bought."""

OUTCOMES: Final = (*SHARES, "value")
"""The outcomes of a seen answer; the last one is the value then paid."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An outcome of an arm's answers.

    `spread` and `effective` are computed from how far the rate would change without each shopper, times the number of all
    answers. They are nan with fewer than two shoppers; `effective` also if nobody would change the rate.
    """

    total: float
    shoppers: int
    """Shoppers with the outcome."""
    spread: float
    """The sum of the squares."""
    effective: float
    """The number of shoppers if each changed it equally: the sum of the squares, squared / the sum of the fourth powers."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The answers of one scenario to those who asked for it or, in an experiment, for `experiment`."""

    scenario: str
    experiment: str | None
    shoppers: int
    """Shoppers who saw at least one of the answers."""
    answers: int
    """The answers seen: those that an impression names."""
    most: int
    """The answers seen by the shopper who saw the most."""
    unseen: int
    """Answers that an event names, but no impression."""
    outcomes: Mapping[str, Counted]


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
), totals AS (
    SELECT label, sum(answers) AS answers, {totals} FROM shoppers GROUP BY label
), changes AS (
    SELECT shoppers.*, {changes} FROM shoppers JOIN totals USING (label)
)
SELECT label, count(answers) AS shoppers, sum(unseen)::bigint AS unseen, coalesce(sum(answers), 0)::bigint AS answers,
       coalesce(max(answers), 0)::bigint AS most, {outcomes}
FROM changes GROUP BY label HAVING label ~ %(label)s ORDER BY label
"""
_TOTALS = ", ".join(f'sum("{name}") AS "{name}"' for name in OUTCOMES)
_CHANGES = ", ".join(
    f'(shoppers."{name}" - shoppers.answers * (totals."{name}" / totals.answers)) '
    f'/ nullif(1 - shoppers.answers / totals.answers, 0) AS "{name} change"'
    for name in OUTCOMES
)
_OUTCOMES = ", ".join(
    f'sum("{name}") AS "{name} total", count(*) FILTER (WHERE "{name}" > 0) AS "{name} shoppers", '
    f'sum("{name} change"^2) AS "{name} spread", '
    f'sum("{name} change"^2)^2 / nullif(sum("{name} change"^4), 0) AS "{name} effective"'
    for name in OUTCOMES
)
_SQL = _COUNT.format(tail=DIGITS + 1, shopper=SHOPPER_IN_SQL, totals=_TOTALS, changes=_CHANGES, outcomes=_OUTCOMES).encode()


def count(connection: psycopg.Connection[Any], since: datetime, until: datetime, within: timedelta) -> list[Arm]:
    """Return the arms whose answers are named by events of that time, in the order of their names.

    `within`: the maximum time between a view of a product and its purchase for the purchase to belong to the answer that the
    view came from.
    """
    given = {"label": LABEL, "since": since, "until": until, "within": within}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_arm(row) for row in cursor.execute(_SQL, given).fetchall()]


def _arm(row: Mapping[str, Any]) -> Arm:
    asked, _, answered = row["label"].partition(":")
    return Arm(
        scenario=answered or asked,
        experiment=asked if answered else None,
        shoppers=row["shoppers"],
        answers=row["answers"],
        most=row["most"],
        unseen=row["unseen"],
        outcomes={name: _counted(row, name) for name in OUTCOMES},
    )


def _counted(row: Mapping[str, Any], name: str) -> Counted:
    total, shoppers = row[f"{name} total"] or 0.0, row[f"{name} shoppers"]
    return Counted(total, shoppers, _number(row[f"{name} spread"]), _number(row[f"{name} effective"]))


def _number(value: float | None) -> float:
    return math.nan if value is None else value
