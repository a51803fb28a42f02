import numpy as np
import pytest

from shelfwise.contracts.history import History
from shelfwise_ranker.event_log import CART, IMPRESSION, PURCHASE, VIEW
from shelfwise_ranker.history import MAX_EVENTS, history_of

DAY = 86_400.0
NOW = 100.5 * DAY + 60.0


def made(*events: tuple[str, int, float], limit: int = 1000) -> History:
    """Events as (product, kind, days ago)."""
    products = [product for product, _, _ in events]
    kinds = np.array([kind for _, kind, _ in events], dtype=np.int8)
    times = np.array([NOW - ago * DAY for _, _, ago in events], dtype=np.float64)
    return history_of(products, kinds, times, NOW, limit)


def test_products_come_most_recently_touched_first_with_counts_and_ages() -> None:
    history = made(
        ("milk", PURCHASE, 60), ("milk", PURCHASE, 10), ("tea", VIEW, 2), ("bread", CART, 5), ("bread", PURCHASE, 10)
    )
    assert history.products == ["tea", "bread", "milk"]
    assert (history.purchases, history.carts, history.views) == ([0, 1, 2], [0, 1, 0], [1, 0, 0])
    assert history.last_purchase_s == [None, 10 * DAY, 10 * DAY]
    assert history.first_purchase_s == [None, 10 * DAY, 60 * DAY]
    assert history.last_s == [2 * DAY, 5 * DAY, 10 * DAY]
    assert history.last_look_s == [2 * DAY, 5 * DAY, None]
    assert history.decayed == pytest.approx([0, 2 ** (-1 / 6), 0.5 + 2 ** (-1 / 6)])
    assert (history.orders, history.first_order_s, history.last_order_s) == (2, 60 * DAY, 10 * DAY)
    assert (history.purchases_this_hour, history.orders_this_hour) == ([0, 1, 2], 2)


def test_the_last_look_is_the_latest_view_or_cart_and_not_a_purchase() -> None:
    history = made(("milk", PURCHASE, 1), ("milk", CART, 40), ("milk", VIEW, 41), ("tea", VIEW, 2))
    assert (history.products, history.last_look_s) == (["milk", "tea"], [40 * DAY, 2 * DAY])


def test_purchases_at_this_hour_and_on_this_weekday_are_counted_separately() -> None:
    history = made(("milk", PURCHASE, 7), ("milk", PURCHASE, 3.5), ("milk", VIEW, 14), ("tea", PURCHASE, 7), ("tea", VIEW, 1))
    assert history.products == ["tea", "milk"]
    assert (history.purchases_this_hour, history.orders_this_hour) == ([1, 1], 1)
    assert (history.purchases_this_weekday, history.orders_this_weekday) == ([1, 1], 1)


def test_present_and_future_events_and_impressions_are_left_out() -> None:
    history = made(("tea", VIEW, 0), ("milk", PURCHASE, -1), ("bread", IMPRESSION, 3))
    assert history.products == []
    assert history.orders == 0
    assert history.first_order_s is None


def test_only_the_latest_products_up_to_the_limit_are_kept() -> None:
    history = made(*((f"p{ago}", VIEW, ago) for ago in range(1, 30)), limit=3)
    assert history.products == ["p1", "p2", "p3"]
    assert len(history.views) == 3


def test_a_computed_history_is_a_valid_message() -> None:
    history = made(("milk", PURCHASE, 1), ("tea", VIEW, 2))
    assert History.model_validate(history.model_dump()) == history


def test_only_the_last_max_events_count() -> None:
    """Serving reads no more than these, so training must not see more either."""
    older = [("milk", PURCHASE, 50.0)] * MAX_EVENTS
    history = made(*older, ("bread", PURCHASE, 60), ("tea", VIEW, 1), ("tea", IMPRESSION, 0.5))
    assert history.products == ["tea", "milk"]
    assert history.purchases == [0, MAX_EVENTS - 1]


def test_which_simultaneous_events_are_kept_does_not_depend_on_their_order() -> None:
    moment = [(product, kind, 5.0) for product in ("é", "a", "b") for kind in (VIEW, CART, PURCHASE)]
    newer = [("tea", VIEW, 1.0)] * (MAX_EVENTS - 5)
    history = made(*newer, *moment)
    assert history == made(*reversed(moment), *newer)
    assert history.products == ["tea", "a", "b"]
    assert (history.carts, history.purchases, history.views) == ([0, 1, 1], [0, 1, 1], [MAX_EVENTS - 5, 1, 0])
