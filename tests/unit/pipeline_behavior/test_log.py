"""Which events a fit sees, and as what."""

from datetime import timedelta

import polars as pl

from shelfwise_pipeline.behavior.log import BehaviorLog

from .events import NOW, events


def test_only_events_before_the_moment_are_in_the_log() -> None:
    frame = events([("a", "u", "s", 1, "purchase"), ("a", "u", "s", 0, "purchase"), ("b", "u", "s", -1, "purchase")])
    log = BehaviorLog.of(["a", "b"], frame, NOW)
    assert log.rows.tolist() == [0]
    assert log.age_days.tolist() == [1]
    assert BehaviorLog.of(["a", "b"], frame, NOW + timedelta(days=2)).rows.tolist() == [0, 0, 1]


def test_without_a_moment_ages_are_counted_from_the_last_event() -> None:
    log = BehaviorLog.of(["a"], events([("a", "u", "s", 3, "purchase"), ("a", "u", "s", 1, "view")]), None)
    assert log.age_days.tolist() == [2, 0]


def test_unknown_products_and_impressions_are_left_out() -> None:
    frame = events([("a", "u", "s", 1, "impression"), ("x", "u", "s", 1, "purchase"), ("a", "u", "s", 1, "add_to_cart")])
    log = BehaviorLog.of(["a"], frame, NOW)
    assert log.weights.tolist() == [0.5]


def test_a_basket_is_a_session_or_else_what_a_user_did_at_one_moment() -> None:
    frame = events(
        [
            ("a", "u", "s", 3, "purchase"),
            ("b", "u", "s", 2, "purchase"),
            ("a", "u", None, 1, "purchase"),
            ("b", "u", None, 1, "purchase"),
            ("a", "v", None, 1, "purchase"),
            ("a", None, "t", 1, "view"),
        ]
    )
    log = BehaviorLog.of(["a", "b"], frame, NOW)
    first, second, third, fourth, fifth, sixth = log.baskets.tolist()
    assert first == second
    assert third == fourth
    assert len({first, third, fifth, sixth}) == 4
    assert len(set(log.users.tolist())) == 3  # u, v, and the session without a known user


def test_a_user_and_a_session_of_the_same_id_are_two_shoppers() -> None:
    log = BehaviorLog.of(
        ["a"], events([("a", "1", None, 2, "view"), ("a", None, "1", 1, "view"), ("a", "1", "1", 0.5, "view")]), NOW
    )
    user, session, again = log.users.tolist()
    assert user == again != session


def test_a_log_without_events_is_empty() -> None:
    assert len(BehaviorLog.of(["a"], events([]), NOW)) == 0
    assert len(BehaviorLog.of(["a"], pl.concat([events([("a", "u", "s", -5, "view")])]), NOW)) == 0
