"""Statistics moved on from an older bundle equal those of a bundle built now."""

from datetime import timedelta
from itertools import product as every
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise_ranker.behavior import COLUMNS, BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import KINDS, EventLog
from shelfwise_ranker.living import statistics, window_log
from shelfwise_ranker.living.identity import session_key, shopper_key, shopper_names, user_key
from shelfwise_ranker.living.moves import Change, Moves
from shelfwise_ranker.living.recent import UNPLACED_FILE, RecentEvents
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.living.unplaced import Told
from shelfwise_ranker.living.window_log import Entries
from shelfwise_ranker.products import ProductTable
from tests.support.ranker import FIRST_DAY, shop_events, shop_products
from tests.unit.ranker.shelf import NOW, events, roll_through, shelf

DAY = timedelta(days=1)
BUILT = FIRST_DAY + 100 * DAY


def entries(table: ProductTable, frame: pl.DataFrame) -> Entries:
    shopper = shopper_names() if "session_id" in frame.columns else pl.format("user {}", "user_id")
    return (
        table.rows(frame["product_id"].to_list()),
        np.array([moment.timestamp() for moment in frame["timestamp"]]),
        np.array([KINDS[kind] for kind in frame["type"]], dtype=np.int8),
        np.array([shopper_key(name) for name in frame.select(shopper).to_series()], dtype=np.int64),
    )


def built(table: ProductTable, frame: pl.DataFrame, as_of: float, *, carries_events: bool = True) -> LiveStatistics:
    """What a ranker holds when it has opened a bundle built at `as_of`."""
    stats = BehaviorStats.compute(table, EventLog.of(table, frame), as_of)
    recent = RecentEvents.of(table.ids, frame, as_of, as_of, None) if carries_events else RecentEvents.unknown()
    return LiveStatistics(table, stats, recent)


def move(live: LiveStatistics, *changes: Change) -> None:
    for _ in live.move_shoppers(Moves(changes)):
        pass


def offline(table: ProductTable, frame: pl.DataFrame, as_of: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return BehaviorStats.compute(table, EventLog.of(table, frame), as_of).values


def assert_same(live: LiveStatistics, expected: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    roll_through(live)
    for place, name in enumerate(COLUMNS):
        np.testing.assert_allclose(live.values[:, place], expected[:, place], rtol=1e-5, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("steps", [1, 7, 40])
def test_live_statistics_equal_those_of_a_bundle_built_at_that_moment(steps: int) -> None:
    products = shop_products()
    table = build_table(products)
    frame = shop_events(products).sort("timestamp")
    live = built(table, frame.filter(pl.col("timestamp") < BUILT), BUILT.timestamp())
    later = frame.filter(pl.col("timestamp") >= BUILT)
    for step in range(1, steps + 1):
        start, end = BUILT + (step - 1) * 20 * DAY / steps, BUILT + step * 20 * DAY / steps
        live.apply(entries(table, later.filter(pl.col("timestamp").is_between(start, end, closed="left"))))
        live.roll(end.timestamp())
    assert_same(live, offline(table, frame, (BUILT + 20 * DAY).timestamp()))


def test_late_and_unordered_events_count_like_timely_ones() -> None:
    products = shop_products()
    table = build_table(products)
    frame = shop_events(products)
    late = frame.sample(fraction=0.2, seed=3, shuffle=True)
    in_time = frame.join(late, on="event_id", how="anti")
    live = built(table, in_time.filter(pl.col("timestamp") < BUILT), BUILT.timestamp())
    live.roll((BUILT + 3 * DAY).timestamp())
    live.apply(entries(table, late.filter(pl.col("timestamp") < BUILT + 5 * DAY)))
    live.apply(entries(table, in_time.filter(pl.col("timestamp").is_between(BUILT, BUILT + 5 * DAY, closed="left"))))
    live.roll((BUILT + 5 * DAY).timestamp())
    assert_same(live, offline(table, frame, (BUILT + 5 * DAY).timestamp()))


def test_catching_up_brings_all_products_from_the_build_to_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restarted ranker answers like one that has run since the build."""
    products = shop_products()
    table = build_table(products)
    frame = shop_events(products).sort("timestamp")
    live = built(table, frame.filter(pl.col("timestamp") < BUILT), BUILT.timestamp())
    end = BUILT + 5 * DAY
    live.apply(entries(table, frame.filter(pl.col("timestamp").is_between(BUILT, end, closed="left"))))
    monkeypatch.setattr(statistics, "AT_ONCE", 7)
    steps = sum(1 for _ in live.catch_up(end.timestamp()))
    assert steps == -(-len(table) // 7)
    np.testing.assert_allclose(live.values, offline(table, frame, end.timestamp()), rtol=1e-5, atol=2e-6)


def test_the_windows_are_empty_after_91_days_without_events() -> None:
    products = shop_products()
    table = build_table(products)
    frame = shop_events(products)
    end = FIRST_DAY + 120 * DAY
    live = built(table, frame, end.timestamp())
    live.roll((end + 91 * DAY).timestamp())
    assert_same(live, offline(table, frame, (end + 91 * DAY).timestamp()))
    assert not live.values[:-1, COLUMNS.index("buyers_90d")].any()


@pytest.mark.parametrize(
    ("kind", "days"), [("purchase", 7), ("purchase", 30), ("purchase", 90), ("view", 30), ("add_to_cart", 30)]
)
def test_an_event_leaves_a_window_once_it_is_older_than_the_window_is_long(kind: str, days: int) -> None:
    table = shelf()
    frame = events((kind, "red", "ann", days))
    live = built(table, frame.clear(), NOW.timestamp())
    live.apply(entries(table, frame))
    np.testing.assert_allclose(live.values, offline(table, frame, NOW.timestamp()), rtol=1e-5, atol=2e-6)
    later = (NOW + timedelta(seconds=1)).timestamp()
    live.roll(later)
    assert_same(live, offline(table, frame, later))


@pytest.mark.parametrize("carries_events", [True, False])
def test_an_event_counts_at_once_for_its_product_and_its_category(carries_events: bool) -> None:
    table = shelf()
    live = built(table, events(("purchase", "red", "ann", 1)), NOW.timestamp(), carries_events=carries_events)
    rows, _, kinds, shoppers = entries(
        table, events(("purchase", "blue", "bob", 0), ("view", "milk", "bob", 0), ("view", "gone", "bob", 0))
    )
    live.apply((rows, np.full(len(rows), live.now), kinds, shoppers))
    value = {name: live.values[:, place] for place, name in enumerate(COLUMNS)}
    assert np.expm1(value["purchases_7d"][:2]) == pytest.approx([1, 1])
    assert value["share_of_category"][:3] == pytest.approx([0.5, 0.5, 0])
    assert np.expm1(value["category_purchases_90d"][:3]) == pytest.approx([2, 2, 2])
    assert np.expm1(value["buyers_90d"][:2]) == pytest.approx([1, 1])
    assert np.expm1(value["views_30d"][4]) == pytest.approx(1)


def test_a_forgotten_shopper_leaves_no_trace_in_the_windows() -> None:
    table = shelf()
    kept = (
        ("purchase", "red", "ann", 5.0), ("purchase", "blue", "cid", 20.0), ("view", "red", "cid", 2.0),
        ("purchase", "file", "ann", 100.0),
    )  # fmt: skip
    before = (("purchase", "red", "bob", 3.0), ("purchase", "red", "bob", 40.0))
    since = (("view", "milk", "bob", 0.5), ("purchase", "choc", "bob", 0.4), ("purchase", "file", "bob", 0.3))
    live = built(table, events(*kept, *before), (NOW - DAY).timestamp())
    live.apply(entries(table, events(*since)))
    live.roll(NOW.timestamp())
    move(live, (user_key("bob"), None))
    move(live, (user_key("bob"), None))
    assert_same(live, offline(table, events(*kept), NOW.timestamp()))


def test_events_beyond_most_events_are_not_counted_until_others_have_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(statistics, "MOST_EVENTS", 2)
    table = shelf()
    kept = [("purchase", "red", "ann", 85.0), ("purchase", "blue", "ann", 5.0), ("purchase", "wall", "ann", 6.0)]
    live = built(table, events(*kept[:2]), NOW.timestamp())
    live.apply(entries(table, events(("purchase", "blue", "bob", 0.0), kept[2])))
    for product in ("milk", "choc"):
        live.apply(entries(table, events(("purchase", product, "bob", 0.0))))
    assert len(caplog.records) == 1
    move(live, (user_key("bob"), None))
    assert_same(live, offline(table, events(*kept), NOW.timestamp()))
    live.apply(entries(table, events(("purchase", "milk", "cid", 0.0))))
    assert np.expm1(live.values[4, COLUMNS.index("purchases_90d")]) == pytest.approx(1), "there is room again"


def test_a_session_that_becomes_a_user_is_the_same_buyer_as_that_user() -> None:
    table = shelf()
    live = built(table, events(("purchase", "red", "ann", 5.0)), NOW.timestamp())
    visit = events(("purchase", "red", "s1", 0.0), ("purchase", "blue", "s1", 0.0))
    live.apply(entries(table, visit.rename({"user_id": "session_id", "session_id": "user_id"})))
    move(live, (user_key("s1"), None))
    move(live, (session_key("s1"), user_key("ann")))
    buyers = live.values[:, COLUMNS.index("buyers_90d")]
    assert np.expm1(buyers[:2]) == pytest.approx([1, 1])
    move(live, (user_key("ann"), None))
    assert not live.values[:-1, COLUMNS.index("purchases_90d")].any()


def test_views_count_once_a_day_per_shopper_and_purchases_every_time() -> None:
    table = shelf()
    views = [("view", "red", "robot", 0.1 + minute / 1440) for minute in range(200)]
    bought = [("purchase", "red", "ann", 0.1), ("purchase", "red", "ann", 0.08)]
    others = [("view", "red", "ann", 0.1), ("add_to_cart", "red", "robot", 0.1), ("view", "red", "robot", 1.1), *bought]
    once = offline(table, events(*others, views[0]), NOW.timestamp())
    frame = events(*others, *views)
    decayed = COLUMNS.index("decayed")
    assert offline(table, frame, NOW.timestamp())[0, decayed] == pytest.approx(once[0, decayed], rel=1e-6)
    bought_once = offline(table, events(*others[:-1], views[0]), NOW.timestamp())
    assert once[0, decayed] - bought_once[0, decayed] > 0.3
    live = built(table, frame.head(100), (NOW - DAY / 24).timestamp())
    for part in frame.tail(-100).iter_slices(30):
        live.apply(entries(table, part))
    live.roll(NOW.timestamp())
    assert_same(live, offline(table, frame, NOW.timestamp()))


def test_a_view_by_a_session_and_its_user_on_one_day_counts_once() -> None:
    table = shelf()
    chosen = [
        ("view", "red", "ann", 0.2), ("view", "red", "s1", 0.1), ("view", "milk", "s1", 0.1), ("view", "red", "bob", 0.1),
        ("purchase", "red", "s1", 0.1), ("purchase", "red", "ann", 0.12),
    ]  # fmt: skip
    live = built(table, events(*chosen[:1]), (NOW - 0.15 * DAY).timestamp())
    live.apply(entries(table, events(*chosen[1:])))
    live.roll(NOW.timestamp())
    move(live, (user_key("s1"), user_key("ann")))
    as_ann = events(*((kind, product, who.replace("s1", "ann"), ago) for kind, product, who, ago in chosen))
    assert_same(live, offline(table, as_ann, NOW.timestamp()))
    live.apply(entries(table, events(("view", "milk", "ann", 0.05))))
    move(live, (user_key("ann"), None))
    assert_same(live, offline(table, events(chosen[3]), NOW.timestamp()))
    live.apply(entries(table, events(("view", "milk", "ann", 0.04))))
    assert_same(live, offline(table, events(chosen[3], ("view", "milk", "ann", 0.04)), NOW.timestamp()))


def test_moving_many_shoppers_at_once_equals_moving_them_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_log, "SLICE", 2)
    monkeypatch.setattr(statistics, "AT_ONCE", 1)
    table = shelf()
    names = ["ann", "bob", "cid", "dan", "eva"]
    dice = np.random.default_rng(0)
    chosen = [(kind, product, name) for kind in ("purchase", "view") for product in ("red", "milk") for name in names]
    frame = events(*((*event, 30 * dice.random()) for event in chosen))
    keys = [user_key(name) for name in names]
    for _ in range(20):
        drawn = dice.choice(keys, (6, 2)).tolist()
        changes = [(who, None if dice.random() < 0.3 else becomes) for who, becomes in drawn]
        at_once, in_turn = (built(table, frame, NOW.timestamp()) for _ in range(2))
        move(at_once, *changes)
        for change in changes:
            move(in_turn, change)
        assert_same(at_once, in_turn.values)


def test_events_are_counted_correctly_while_shoppers_are_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_log, "SLICE", 1)
    monkeypatch.setattr(window_log, "MERGED_AT", 1)
    table = shelf()
    of_ann = [("purchase", "red", "ann", 5.0), ("purchase", "red", "ann", 3.0), ("purchase", "milk", "ann", 7.0)]
    of_bob = [("purchase", "red", "bob", 4.0), ("purchase", "blue", "bob", 2.0), ("view", "blue", "bob", 1.0)]
    live = built(table, events(*of_ann[:2], of_bob[0]), (NOW - 9 * DAY).timestamp())
    live.apply(entries(table, events(*of_ann, *of_bob)))
    later = [("purchase", product, "cid", ago) for ago, product in enumerate(("red", "red", "wall", "milk", "file"), 1)]
    coming = iter(later)
    for _ in live.move_shoppers(Moves([(user_key("ann"), None), (user_key("bob"), user_key("cid"))])):
        if (event := next(coming, None)) is not None:
            live.apply(entries(table, events(event)))
    assert next(coming, None) is None
    live.roll(NOW.timestamp())
    now_of_cid = [(kind, product, "cid", ago) for kind, product, _, ago in of_bob]
    assert_same(live, offline(table, events(*now_of_cid, *later), NOW.timestamp()))


Row = tuple[str, str, str, float]


def told(*rows: Row) -> list[Told]:
    return [(item, (NOW - ago * DAY).timestamp(), KINDS[kind], user_key(who)) for kind, item, who, ago in rows]


def retract(live: LiveStatistics, *rows: Row) -> None:
    for _ in live.retract(told(*rows)):
        pass


def test_a_retracted_event_leaves_no_trace_in_the_statistics() -> None:
    table = shelf()
    kept = [
        ("purchase", "red", "ann", 5.0), ("purchase", "red", "ann", 50.0), ("view", "red", "ann", 2.1),
        ("view", "milk", "bob", 0.2), ("purchase", "blue", "bob", 6.5), ("purchase", "file", "ann", 100.0),
        ("view", "red", "bob", 2.0), ("add_to_cart", "red", "ann", 2.1), ("purchase", "wall", "ann", 3.0),
    ]  # fmt: skip
    gone = [
        ("purchase", "red", "ann", 3.0), ("purchase", "red", "bob", 40.0), ("view", "red", "ann", 2.2),
        ("view", "milk", "bob", 0.1), ("purchase", "milk", "bob", 0.3), ("purchase", "blue", "bob", 8.0),
        ("view", "choc", "ann", 20.0), ("view", "choc", "ann", 20.1), ("purchase", "wall", "ann", 3.0),
        ("purchase", "file", "bob", 0.4),
    ]  # fmt: skip
    built_at = NOW - 1.5 * DAY
    frame = events(*kept, *gone)
    live = built(table, frame.filter(pl.col("timestamp") < built_at), built_at.timestamp())
    live.apply(entries(table, frame.filter(pl.col("timestamp") >= built_at)))
    live.roll(NOW.timestamp())
    retract(live, *gone)
    assert_same(live, offline(table, events(*kept), NOW.timestamp()))
    retract(live, ("view", "choc", "ann", 20.0), ("purchase", "red", "cid", 5.0), ("view", "nothing", "ann", 5.0), kept[0])
    assert_same(live, offline(table, events(*kept[1:]), NOW.timestamp()))
    live.roll((NOW + 100 * DAY).timestamp())
    assert_same(live, offline(table, events(*kept[1:]), (NOW + 100 * DAY).timestamp()))


def test_a_last_purchase_is_recognized_although_the_bundle_rounds_its_time() -> None:
    table = shelf()
    gone: list[Row] = [("purchase", product, "bob", 12.3 * (place + 1)) for place, product in enumerate(table.ids)]
    kept: list[Row] = [("purchase", product, "ann", 80.0) for product in table.ids]
    live = built(table, events(*kept, *gone), NOW.timestamp())
    retract(live, *gone)
    assert_same(live, offline(table, events(*kept), NOW.timestamp()))


def test_events_are_counted_correctly_while_others_are_retracted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_log, "SLICE", 7)
    monkeypatch.setattr(window_log, "MERGED_AT", 20)
    monkeypatch.setattr(statistics, "RETRACTED_AT_ONCE", 3)
    table = shelf()
    dice = np.random.default_rng(1)
    choices = every(list(KINDS)[1:], ("red", "blue", "milk"), ("ann", "bob"), range(1, 250))
    rows = [(kind, item, who, tenths / 10) for kind, item, who, tenths in choices if dice.random() < 0.1]
    gone, kept = rows[::3], [row for place, row in enumerate(rows) if place % 3]
    live = built(table, events(*(row for row in rows if row[3] > 15)), (NOW - 15 * DAY).timestamp())
    live.apply(entries(table, events(*(row for row in gone if row[3] <= 15))))
    coming = iter([row for row in kept if row[3] <= 15])
    for _ in live.retract(told(*gone)):
        if (row := next(coming, None)) is not None:
            live.apply(entries(table, events(row)))
    live.apply(entries(table, events(*coming)))
    live.roll(NOW.timestamp())
    assert_same(live, offline(table, events(*kept), NOW.timestamp()))


def test_an_event_of_a_session_that_became_a_user_is_retracted_from_the_user() -> None:
    table = shelf()
    live = built(table, events(("purchase", "red", "ann", 5.0), ("view", "milk", "s1", 0.2)), NOW.timestamp())
    move(live, (user_key("s1"), user_key("ann")))
    retract(live, ("view", "milk", "ann", 0.2))
    assert_same(live, offline(table, events(("purchase", "red", "ann", 5.0)), NOW.timestamp()))


def test_an_event_of_a_product_not_yet_in_the_catalog_can_be_retracted() -> None:
    table = shelf()
    row = table.row_of.pop("choc")
    frame = events(("purchase", "choc", "ann", 5.0), ("purchase", "choc", "ann", 3.0), ("purchase", "choc", "bob", 4.0))
    known = [item for item in table.ids if item != "choc"]
    recent = RecentEvents.of(known, frame, NOW.timestamp(), NOW.timestamp(), None)
    live = LiveStatistics(table, BehaviorStats.empty(table, NOW.timestamp()), recent)
    retract(live, *[("purchase", "choc", "ann", 3.0)] * 2)
    table.row_of["choc"] = row
    live.place(["choc"])
    assert_same(live, offline(table, frame[[0, 2]], NOW.timestamp()))


def test_events_of_a_history_that_ended_long_before_the_build_can_be_retracted() -> None:
    table = shelf()
    rows: list[Row] = [("purchase", "red", "ann", 1.0), ("view", "red", "ann", 2.0)]
    since: Row = ("view", "milk", "bob", -3000.2)
    frame, read_at = events(*rows), (NOW + 3000.3 * DAY).timestamp()
    stats = BehaviorStats.compute(table, EventLog.of(table, frame), NOW.timestamp())
    live = LiveStatistics(table, stats, RecentEvents.of(table.ids, frame, NOW.timestamp(), read_at, None))
    live.apply(entries(table, events(since)))
    retract(live, *rows, since)
    for name in ("purchases_7d", "buyers_90d", "views_30d", "decayed"):
        np.testing.assert_allclose(live.values[:-1, COLUMNS.index(name)], 0, atol=1e-6, err_msg=name)


def test_a_history_that_ended_long_before_the_build_still_counts() -> None:
    table = shelf()
    frame = events(("purchase", "red", "ann", 1.0))
    stats = BehaviorStats.compute(table, EventLog.of(table, frame), NOW.timestamp())
    read_at = (NOW + 3000 * DAY).timestamp()
    live = LiveStatistics(table, stats, RecentEvents.of(table.ids, frame, NOW.timestamp(), read_at, None))
    live.roll(read_at + 3600)
    roll_through(live)
    week, days = COLUMNS.index("purchases_7d"), COLUMNS.index("days_since_purchase")
    assert np.expm1(live.values[0, week]) == pytest.approx(1)
    assert np.expm1(live.values[0, days]) == pytest.approx(1 + 1 / 24, rel=1e-3)
    live.roll(read_at + 7 * 86_400)
    assert live.values[0, week] == 0


def test_recent_events_survive_saving_and_loading(tmp_path: Path) -> None:
    table = shelf()
    frame = events(
        ("purchase", "red", "ann", 80),
        ("purchase", "red", "ann", 100),
        ("view", "blue", "bob", 40),
        ("view", "blue", "bob", 3),
        ("view", "not yet", "bob", 40),
        ("purchase", "not yet", "bob", 40),
        ("view", "not yet", "ann", -1),
    )
    recent = RecentEvents.of(table.ids, frame, NOW.timestamp(), 1.5, "10:20:11")
    recent.save(tmp_path)
    loaded = RecentEvents.load(tmp_path)
    assert len(loaded) == 2
    assert (loaded.read_at, loaded.snapshot) == (1.5, "10:20:11")
    assert loaded.shoppers.tolist() == [user_key("ann"), user_key("bob")]
    for name in ("rows", "times", "kinds", "shoppers"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(recent, name))
    moments = [(NOW - 40 * DAY).timestamp(), (NOW + DAY).timestamp()]
    assert loaded.unplaced == recent.unplaced
    assert recent.unplaced == (
        ("not yet", moments[0], KINDS["purchase"], user_key("bob")),
        ("not yet", moments[1], KINDS["view"], user_key("ann")),
    )
    (tmp_path / UNPLACED_FILE).unlink()
    assert RecentEvents.load(tmp_path).unplaced == (), "a bundle of an earlier release"
    assert RecentEvents.load(tmp_path / "none").read_at is None
