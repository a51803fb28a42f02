"""What a fit finds in small shops whose answers can be worked out by hand."""

import random
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise_pipeline.behavior import BehaviorPlan, fit_behavior
from shelfwise_pipeline.behavior.learned import learned_and_users
from shelfwise_pipeline.behavior.log import BehaviorLog
from shelfwise_pipeline.behavior.sequences import sequence_space
from shelfwise_pipeline.behavior.together import together
from shelfwise_pipeline.behavior.trends import rise, trending
from shelfwise_retriever.behavior import FILE, Behavior, Neighbours

from .events import NOW, Line, bought, events

FLAT = BehaviorPlan(together_rise=0, learned_rise=0, users_rise=0, chance=0)
"""Without seasons and without damping, so that a score can be worked out."""

EACH = 1 / np.log(4)
"""The weight of a basket of two products."""


def scores_of(neighbours: Neighbours, row: int) -> dict[int, float]:
    rows, scores = neighbours.of_row(row)
    return dict(zip(rows.tolist(), scores.tolist(), strict=True))


def log_of(products: str, lines: list[Line]) -> BehaviorLog:
    return BehaviorLog.of(list(products), events(lines), NOW)


def test_together_is_the_share_of_a_products_baskets_that_hold_the_other() -> None:
    log = log_of("abcd", [*bought("1", "ab", days=0.5), *bought("2", "ab", days=0.5), *bought("3", "ac", days=0.5)])
    found = together(log, FLAT)
    assert scores_of(found, 0) == pytest.approx({1: 2 / 3, 2: 1 / 3})
    assert scores_of(found, 1) == pytest.approx({0: 1})
    assert scores_of(found, 3) == {}


def test_smaller_and_later_baskets_weigh_more() -> None:
    log = log_of("abcd", [*bought("1", "ab", days=120.0), *bought("2", "acd", days=240.0)])
    weights = {1: 0.5 / np.log(4), 2: 0.25 / np.log(5)}
    whole = sum(weights.values())
    assert scores_of(together(log, FLAT), 0) == pytest.approx(
        {1: weights[1] / whole, 2: weights[2] / whole, 3: weights[2] / whole}
    )


def test_views_weigh_less_and_repeats_within_a_basket_count_once() -> None:
    views = [*bought("1", "aab", days=0.0001), *bought("2", "a", days=0.0001), *bought("2", "c", days=0.0001, kind="view")]
    assert scores_of(together(log_of("abc", views), FLAT), 0) == pytest.approx({1: 0.5, 2: 0.125}, rel=1e-3)


def test_a_pair_seen_once_is_damped_more_than_a_frequent_one() -> None:
    lines = [*bought("1", "ab", days=0.0001), *[line for n in range(9) for line in bought(f"c{n}", "ac", days=0.0001)]]
    damped = scores_of(together(log_of("abc", lines), BehaviorPlan(together_rise=0, chance=1.0)), 0)
    assert damped[1] / damped[2] == pytest.approx((EACH**2 / (EACH + 1)) / ((9 * EACH) ** 2 / (9 * EACH + 1)), rel=1e-3)


def test_only_the_best_neighbours_of_a_product_are_kept() -> None:
    lines = [line for n in range(1, 6) for k in range(n) for line in bought(f"{n} {k}", f"a{'_bcdef'[n]}", days=1)]
    assert set(scores_of(together(log_of("abcdef", lines), BehaviorPlan(neighbours=2)), 0)) == {4, 5}


def test_users_scores_are_the_cosine_of_the_buyers() -> None:
    lines = [
        line for user, products in (("u", "ab"), ("v", "ab"), ("w", "ac"), ("x", "c")) for line in bought(user, products, user)
    ]
    _, users = learned_and_users(log_of("abc", lines), FLAT)
    assert scores_of(users, 0) == pytest.approx({1: 2 / 6**0.5, 2: 1 / 6**0.5})


def test_learned_scores_are_those_of_ease() -> None:
    draw = np.random.default_rng(5)
    bought_by = draw.random((40, 6)) < 0.4
    lines = [
        line
        for user in range(40)
        for line in bought(f"s{user}", "".join("abcdef"[i] for i in np.flatnonzero(bought_by[user])), f"u{user:02}")
    ]
    learned, _ = learned_and_users(log_of("abcdef", lines), BehaviorPlan(learned_rise=0, users_rise=0, ridge=3.0))
    matrix = bought_by.astype(float)
    inverse = np.linalg.inv(matrix.T @ matrix + 3.0 * np.eye(6))
    expected = -inverse / np.diag(inverse)
    for row in range(6):
        positive = {other: expected[row, other] for other in range(6) if other != row and expected[row, other] > 0}
        assert scores_of(learned, row) == pytest.approx(positive, rel=1e-3)


def test_only_the_most_bought_products_are_learned() -> None:
    lines = [line for user in "uvwxy" for line in bought(user, "ab" if user in "uvw" else "abc", user)]
    learned, users = learned_and_users(log_of("abc", lines), BehaviorPlan(learned_items=2))
    assert scores_of(users, 2) == {}
    assert set(scores_of(users, 0)) == {1}
    assert learned.count == 3


def test_products_that_sell_better_than_they_used_to_rise() -> None:
    steady = [line for day in range(360) for line in bought(f"a{day}", "a", days=day + 0.5)]
    past = [line for day in range(100, 360) for line in bought(f"b{day}", "b", days=day + 0.5)]
    fresh = [line for day in range(40) for line in bought(f"c{day}", "c", days=day / 10 + 0.1)]
    a, b, c, never = rise(log_of("abcd", [*steady, *past, *fresh]), BehaviorPlan(), 1.0).tolist()
    assert a == pytest.approx(1.0, abs=0.15)
    assert b < 0.5
    assert c > 2
    assert never == 1


def test_repeated_views_of_one_visitor_do_not_change_trends() -> None:
    plan = BehaviorPlan()
    usual = [line for user in "uvw" for line in bought(f"s{user}", "ab", user, days=3)]
    robot: list[Line] = [("b", None, "robot", 1 + minute / 1440, "view") for minute in range(200)]
    once, often = (log_of("ab", [*usual, *lines]) for lines in (robot[:1], robot))
    np.testing.assert_allclose(trending(often, plan), trending(once, plan))
    np.testing.assert_allclose(rise(often, plan, 1.0), rise(once, plan, 1.0))
    again: list[Line] = [("b", None, "robot", 2.1, "view"), ("b", None, "robot", 1.0, "add_to_cart")]
    assert trending(log_of("ab", [*usual, *robot, *again]), plan)[1] > trending(once, plan)[1] + 0.25


def test_products_bought_next_are_near_in_the_sequence_space() -> None:
    """Sixty products in a ring; everyone buys a few in the order of the ring."""
    products = [f"p{number:02}" for number in range(60)]
    lines: list[Line] = [
        (products[(start + step) % 60], f"u{start}-{turn}", None, 50.0 - step - turn / 10, "purchase")
        for start in range(60)
        for turn in range(3)
        for step in range(4)
    ]
    log = BehaviorLog.of(products, events(lines), NOW)
    space = sequence_space(log, BehaviorPlan(window=3))
    assert space.rows.tolist() == list(range(60))
    nearest = np.argmax(space.after @ space.before.T, axis=1)
    assert np.isin((nearest - np.arange(60)) % 60, [1, 2, 3]).mean() > 0.9  # never the one before
    np.testing.assert_allclose(np.linalg.norm(space.before, axis=1), 1, rtol=1e-5)


def shop(seed: int, count: int = 3_000) -> pl.DataFrame:
    draw = random.Random(seed)
    lines: list[Line] = []
    for number in range(count):
        kind = draw.choice(["purchase", "purchase", "view", "add_to_cart"])
        lines.append((f"p{draw.randrange(80)}", f"u{draw.randrange(60)}", f"s{number // 4}", draw.uniform(-100, 300), kind))
    return events(lines)


def same(one: Behavior, other: Behavior, folder: Path) -> bool:
    one.save(folder / "one")
    other.save(folder / "other")
    return (folder / "one" / FILE).read_bytes() == (folder / "other" / FILE).read_bytes()


def test_changing_the_future_does_not_change_the_fit(tmp_path: Path) -> None:
    products = [f"p{number}" for number in range(80)]
    frame = shop(1)
    past = frame.filter(pl.col("timestamp") < NOW)
    future = frame.filter(pl.col("timestamp") >= NOW)
    shuffled = future.with_columns(pl.col("product_id").shuffle(3), pl.col("user_id").shuffle(4), pl.col("type").shuffle(5))
    # What happens at the very moment is already the future.
    edge = events([("p1", "u1", "s1", 0, "purchase"), ("p2", "u1", "s1", 0, "purchase")])
    known = fit_behavior(products, frame, NOW)
    assert np.count_nonzero(known.trending) == 80
    assert len(known.together)
    assert len(known.learned)
    assert len(known.space.rows)
    assert same(known, fit_behavior(products, pl.concat([past, shuffled, edge]), NOW), tmp_path)
    assert same(known, fit_behavior(products, past, NOW), tmp_path)
    assert not same(known, fit_behavior(products, frame, NOW + timedelta(days=30)), tmp_path)


def test_a_shop_without_events_has_an_empty_behavior(tmp_path: Path) -> None:
    nothing = fit_behavior(["a", "b"], events([]), NOW)
    assert nothing.count == 2
    assert same(nothing, Behavior.empty(2), tmp_path)


def test_the_order_of_events_at_one_moment_does_not_matter() -> None:
    products = [f"p{number:02}" for number in range(60)]
    draw = random.Random(3)
    lines: list[Line] = [
        (f"p{first + step:02}", f"u{user}", None, 50.0 - turn, "purchase")
        for user in range(60)
        for turn in range(4)
        for first in [10 * draw.randrange(6)]
        for step in range(10)
    ]
    spaces = [
        sequence_space(BehaviorLog.of(products, events(draw.sample(lines, len(lines))), NOW), BehaviorPlan()) for _ in "ab"
    ]
    np.testing.assert_array_equal(spaces[0].after, spaces[1].after)
    nearest = np.argmax(spaces[0].after @ spaces[0].before.T - 2 * np.eye(60), axis=1)
    assert (nearest // 10 == np.arange(60) // 10).mean() > 0.9, "what is bought together is near, in either direction"
