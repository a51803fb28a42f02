"""`shelfwise outcomes`: what answers led to, counted by a real PostgreSQL from the events that name them."""

import itertools
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from shelfwise_pipeline.cli.app import app
from shelfwise_pipeline.cli.outcomes import NothingCounted
from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, count

Connection = psycopg.Connection[Any]
Tell = Callable[..., None]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)

_INSERT = """INSERT INTO behavior.events (event_id, type, product_id, user_id, session_id, timestamp, value, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""


def answer(number: int, label: str = "search") -> str:
    return f"{label}.{number:032x}"


@pytest.fixture
def tell(connection: Connection) -> Tell:
    """Stores an event of the user `ann`, unless told otherwise."""
    numbers = itertools.count()

    def store(
        kind: str, product: str = "milk", of: str | None = None, *, user: str | None = "ann", session: str | None = None,
        ago: timedelta = timedelta(hours=1), value: float | None = None,
    ) -> None:  # fmt: skip
        connection.execute(_INSERT, [f"e{next(numbers)}", kind, product, user, session, NOW - ago, value, of])

    return store


def counted(connection: Connection, *, days: float = 30, within_hours: float = 24) -> list[Arm]:
    return count(connection, NOW - days * DAY, NOW + DAY, timedelta(hours=within_hours))


def totals(arm: Arm) -> dict[str, float]:
    return {outcome: arm.outcomes[outcome].total for outcome in OUTCOMES}


def test_outcomes_are_counted_once_for_each_answer_that_was_seen(connection: Connection, tell: Tell) -> None:
    for product in ("milk", "bread"):
        tell("impression", product, answer(1))
        tell("view", product, answer(1))
        tell("purchase", product, answer(1), value=2.5)
    tell("add_to_cart", "milk", answer(1))
    tell("impression", "milk", answer(2))
    tell("view", "milk", answer(2))
    tell("impression", "milk", answer(3), user="bob")
    tell("view", "milk", answer(3), user="bob")
    (arm,) = counted(connection)
    assert (arm.scenario, arm.experiment, arm.shoppers, arm.unseen) == ("search", None, 2, 0)
    assert arm.answers == 3
    assert totals(arm) == {"viewed": 3, "in cart": 1, "bought": 1, "value": 5.0}
    had = {outcome: counted.shoppers for outcome, counted in arm.outcomes.items()}
    assert had == {"viewed": 2, "in cart": 1, "bought": 1, "value": 1}, "so many shoppers"
    assert arm.most == 2, "two answers were ann's, one was bob's"
    without_ann, without_bob = 3 * (0 - 5 / 3), 3 * (5 / 2 - 5 / 3)
    assert arm.outcomes["value"].spread == pytest.approx(without_ann**2 + without_bob**2)
    assert arm.outcomes["value"].effective == pytest.approx(31.25**2 / (without_ann**4 + without_bob**4))


def test_a_purchase_without_an_answers_id_counts_for_that_of_the_last_view_before(connection: Connection, tell: Tell) -> None:
    for number in range(1, 4):
        tell("impression", "milk", answer(number), ago=timedelta(hours=12))
    tell("view", "milk", answer(1), ago=timedelta(hours=10))
    tell("view", "milk", answer(2), ago=timedelta(hours=8))
    tell("view", "milk", ago=timedelta(hours=7.5))
    tell("add_to_cart", "milk", ago=timedelta(hours=7))
    tell("purchase", "milk", ago=timedelta(hours=6), value=3)
    tell("view", "milk", answer(3), ago=timedelta(hours=5))
    tell("purchase", "bread", ago=timedelta(hours=4), value=7)
    tell("purchase", "milk", ago=timedelta(hours=4), value=11, user="bob")
    (arm,) = counted(connection)
    assert totals(arm) == {"viewed": 3, "in cart": 1, "bought": 1, "value": 3.0}, (
        "of this shopper's last look at it that names one"
    )
    (arm,) = counted(connection, within_hours=1.5)
    assert totals(arm) == {"viewed": 3, "in cart": 1, "bought": 0, "value": 0.0}


def test_thousands_of_views_of_a_product_by_one_robot_do_not_slow_counting_down(connection: Connection, tell: Tell) -> None:
    """The last view before each cart is found without pairing every view with every cart, which took minutes."""
    tell("impression", of=answer(3_000), ago=timedelta(hours=3))
    told = (("view", "'search.' || lpad(to_hex(n), 32, '0')", 2), ("add_to_cart", "NULL", 1))
    for kind, of, hours in told:
        connection.execute(
            f"""INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp, request_id)
            SELECT '{kind}' || n, '{kind}', 'milk', 'ann', %s + n * interval '1 second', {of}
            FROM generate_series(1, 3000) AS n""",
            [NOW - timedelta(hours=hours)],
        )
    connection.execute("SET statement_timeout = '15s'")
    (arm,) = counted(connection)
    assert (arm.answers, arm.unseen) == (1, 2_999)
    assert totals(arm)["in cart"] == 1


def test_a_view_at_the_moment_of_the_purchase_counts_as_before_it(connection: Connection, tell: Tell) -> None:
    for number in (1, 2):
        tell("impression", of=answer(number))
    tell("purchase", value=3)
    tell("view", of=answer(1))
    assert totals(counted(connection)[0])["bought"] == 1


def test_a_purchase_that_names_an_answer_counts_for_that_answer_alone(connection: Connection, tell: Tell) -> None:
    for number in (1, 2):
        tell("impression", "milk", answer(number, f"s{number}"), ago=timedelta(hours=3))
    tell("view", "milk", answer(2, "s2"), ago=timedelta(hours=2))
    tell("purchase", "milk", answer(1, "s1"), value=3)
    tell("purchase", "milk", "an id of another system", value=4)
    assert [(arm.scenario, totals(arm)["bought"], totals(arm)["value"]) for arm in counted(connection)] == [
        ("s1", 1, 3.0),
        ("s2", 0, 0.0),
    ]


def test_arms_are_counted_apart_and_a_session_is_not_the_user_of_the_same_id(connection: Connection, tell: Tell) -> None:
    tell("impression", of=answer(1, "for-you:for-you"), user=None, session="7")
    tell("impression", of=answer(2, "for-you:for-you-b"), user="7", session="7")
    tell("impression", of=answer(3, "for-you:for-you"), user="7")
    tell("impression", of=answer(4, "for-you-b"))
    assert [(arm.scenario, arm.experiment, arm.shoppers) for arm in counted(connection)] == [
        ("for-you-b", None, 1),
        ("for-you", "for-you", 2),
        ("for-you-b", "for-you", 1),
    ]


def test_answers_without_impressions_count_as_unseen_and_foreign_ids_are_ignored(connection: Connection, tell: Tell) -> None:
    tell("view", of=answer(1))
    tell("purchase", of=answer(2, "similar"), value=2)
    tell("impression", of=answer(3, "similar"))
    for foreign in ("626c3e1a", "search.7", "a.b." + "0" * 32, "a:b:c." + "0" * 32, "search." + "0" * 33):
        tell("impression", of=foreign)
    found = counted(connection)
    assert [(arm.scenario, arm.shoppers, arm.answers, arm.unseen) for arm in found] == [
        ("search", 0, 0, 1),
        ("similar", 1, 1, 1),
    ]
    assert totals(found[1])["bought"] == 0
    assert math.isnan(found[1].outcomes["bought"].spread), "a single shopper"


def test_only_events_within_the_counted_days_count(connection: Connection, tell: Tell) -> None:
    tell("impression", of=answer(1), ago=40 * DAY)
    tell("view", of=answer(1), ago=40 * DAY)
    tell("impression", of=answer(2), ago=2 * DAY)
    (arm,) = counted(connection)
    assert (arm.answers, totals(arm)["viewed"]) == (1, 0)
    assert counted(connection, days=1) == []


@pytest.mark.parametrize("moment", ["2026-11-20", "2026-11-20T00:00", "2026-11-20T00:00:00"])
def test_the_counted_days_end_at_until(
    connection: Connection, tell: Tell, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, moment: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    for number, hours in enumerate((12, 13, 35, 37)):  # before noon; the counted period is the day before
        tell("impression", of=answer(number), ago=timedelta(hours=hours, minutes=-1))
    report = tmp_path / "outcomes.json"
    shown = CliRunner().invoke(app, ["outcomes", "--until", moment, "--days", "1", "--report", str(report)])
    assert shown.exit_code == 0, shown.output
    assert {row["answers"] for row in json.loads(report.read_text())} == {2}


def test_a_period_before_all_events_raises_nothing_counted(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    refused = CliRunner().invoke(app, ["outcomes", "--until", "2020-02-01T08:30", "--days", "7"])
    assert str(refused.exception).startswith("expected events of the last 7 days before 2020-02-01 08:30 UTC that name")
    since_ever = CliRunner().invoke(app, ["outcomes", "--until", "0050-01-01", "--days", "36500"])
    assert isinstance(since_ever.exception, NothingCounted)


@pytest.mark.parametrize("option", ["--days", "--within-hours"])
def test_an_impossibly_long_period_is_refused(option: str) -> None:
    refused = CliRunner().invoke(app, ["outcomes", option, "1e12"])
    assert refused.exit_code == 2
    assert f"Invalid value for '{option}'" in refused.output


def test_a_split_of_shoppers_that_does_not_match_the_given_share_is_reported(
    connection: Connection, tell: Tell, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many of those who should see the answers as before saw none, as happens where those answers are empty."""
    monkeypatch.setenv("DATABASE_URL", database)
    for number in range(90):
        tell("impression", of=answer(number, "a:b" if number % 3 else "a:a"), user=f"user-{number}")
    moment = ["outcomes", "--until", "2026-11-21"]

    def said(*given: str) -> str:
        shown = CliRunner().invoke(app, [*moment, *given])
        assert shown.exit_code == 0, shown.output
        return " ".join(shown.output.split())

    problem = "b has 66.7% of the 90 shoppers, expected 40.0%"
    assert problem in said("--share", "a=0.4")
    assert "expected" not in said("--share", "a=0.6") + said()
    unknown = CliRunner().invoke(app, [*moment, "--share", "b=0.4"])
    assert str(unknown.exception) == "expected --share of an experiment whose two scenarios were both shown (a), found 'b'"
    for wrong in ("a", "a=1", "a=half"):
        refused = CliRunner().invoke(app, [*moment, "--share", wrong])
        assert refused.exit_code == 2
        assert "Invalid value for --share" in refused.output


def test_the_command_names_the_share_of_a_shopper_with_many_of_the_answers(
    connection: Connection, tell: Tell, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)

    def said() -> str:
        shown = CliRunner().invoke(app, ["outcomes", "--until", "2026-11-21"])
        assert shown.exit_code == 0, shown.output
        return " ".join(shown.output.split())

    for number in range(99):
        tell("impression", of=answer(number), user=f"user-{number}")
    assert "one shopper" not in said()
    for number in range(99, 166):
        tell("impression", of=answer(number), user="wholesaler")
    assert "search: one shopper saw 40% of the 166 answers, which makes the intervals wide" in said()


def test_the_outcomes_command_compares_arms_and_writes_a_report(
    connection: Connection, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    refused = CliRunner().invoke(app, ["outcomes", "--days", "7"])
    assert isinstance(refused.exception, NothingCounted)
    assert str(refused.exception).startswith("expected events of the last 7 days that name an answer, found none")

    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    events = []
    for number in range(400):
        arm, tenth = ("for-you", 1) if number % 2 else ("for-you-b", 4)
        told = ["impression", "view"] if number // 2 % 10 < tenth else ["impression"]
        of = answer(number, f"for-you:{arm}")
        events += [[f"{kind}{number}", kind, "milk", f"user-{number}", None, hour_ago, None, of] for kind in told]
    events.append(["lost", "view", "milk", "user-1", None, hour_ago, None, answer(1, "search")])
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, events)

    report = tmp_path / "new" / "outcomes.json"
    shown = CliRunner().invoke(app, ["outcomes", "--report", str(report)])
    assert shown.exit_code == 0, shown.output
    lines = " ".join(shown.output.split())
    assert "for-you, answered by for-you-b instead" in lines
    assert "│ viewed │ 10.0 [6.4, 15.3] % │ 40.0 [33.4, 47.0] % │ +30.0 [+21.5, +37.9] % │ more │" in lines
    assert "│ bought │ 0.0 % │ 0.0 % │ +0.0 % │ too few to tell │" in lines
    assert "1 more answers led to events, but no impression names them; they are not counted" in lines
    rows = json.loads(report.read_text())
    (compared,) = [row for row in rows if row["outcome"] == "viewed" and row.get("minus") == "for-you"]
    assert compared["scenario"] == "for-you-b"
    assert compared["value"] == pytest.approx(0.3)
    assert 0 < compared["low"] < 0.3 < compared["high"] < 0.6
