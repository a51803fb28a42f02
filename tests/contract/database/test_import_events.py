"""Events are imported once, in parts, from a frame or a stream of frames."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal

from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import EVENT_COLUMNS, ColumnError, ImportReport, import_events, incoming, read_events
from tests.support.waiting import wait_until

Connection = psycopg.Connection[Any]
START = datetime(2017, 1, 1, tzinfo=UTC)


def purchases(count: int, first: int = 0) -> pl.DataFrame:
    numbers = range(first, first + count)
    return pl.DataFrame(
        {
            "event_id": [f"e{number:04}" for number in numbers],
            "type": ["purchase"] * count,
            "product_id": [f"p{number % 7}" for number in numbers],
            "user_id": [f"u{number % 3}" if number % 5 else None for number in numbers],
            "session_id": ["s"] * count,
            "timestamp": [START + timedelta(hours=number, microseconds=number) for number in numbers],
            "quantity": [number % 4 + 1 for number in numbers],
            "value": [number / 100 for number in numbers],
            "request_id": [None] * count,
            "position": [None] * count,
        },
        schema=EVENT_COLUMNS,
    )


def test_imported_events_are_read_back_unchanged(connection: Connection) -> None:
    report = import_events(connection, purchases(50))
    assert (report.read, report.inserted, report.mended, report.refused) == (50, 50, 0, 0)
    assert_frame_equal(read_events(connection), purchases(50))


def test_a_second_import_adds_only_new_events(connection: Connection) -> None:
    import_events(connection, purchases(50))
    report = import_events(connection, purchases(60))
    assert (report.inserted, report.unchanged) == (10, 50)
    assert read_events(connection).height == 60


def test_an_import_in_parts_reports_its_progress_after_each(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "CHUNK_ROWS", 20)
    steps: list[tuple[int, int | None]] = []
    import_events(connection, purchases(50), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(20, 50), (40, 50), (50, 50)]


def test_line_numbers_continue_across_the_frames_of_a_stream(connection: Connection) -> None:
    frames = [purchases(10), purchases(10, 10).with_columns(type=pl.lit("sneeze")), purchases(10, 20)]
    report = import_events(connection, iter(frames))
    assert (report.read, report.inserted, report.refused) == (30, 20, 10)
    assert report.findings["type_unknown"].examples[0] == (11, "sneeze")
    assert read_events(connection)["event_id"].to_list() == [*frames[0]["event_id"], *frames[2]["event_id"]]


def test_events_imported_before_an_error_stay(connection: Connection) -> None:
    with pytest.raises(ColumnError, match="unknown"):
        import_events(connection, [purchases(10), purchases(10, 10).rename({"type": "kind"})])
    assert read_events(connection).height == 10
    assert import_events(connection, purchases(20)).inserted == 10


def test_events_can_be_read_from_a_span_of_time(connection: Connection) -> None:
    import_events(connection, purchases(50))
    rows = read_events(connection, since=START + timedelta(hours=10), until=START + timedelta(hours=20))
    assert rows["event_id"].to_list() == [f"e{number:04}" for number in range(10, 20)]


def test_events_without_a_user_get_the_user_that_their_session_was_merged_into(connection: Connection) -> None:
    connection.execute("INSERT INTO behavior.sessions (session_id, user_id) VALUES ('s', 'ann')")
    import_events(connection, purchases(10))
    assert read_events(connection)["user_id"].to_list() == [f"u{number % 3}" if number % 5 else "ann" for number in range(10)]


@pytest.mark.parametrize("update", [False, True])
def test_retracted_events_are_not_imported_again(connection: Connection, update: bool) -> None:
    connection.execute("INSERT INTO behavior.retractions (event_id) VALUES ('e0003'), ('e0011')")
    report = import_events(connection, purchases(10), update=update)
    assert (report.accepted, report.inserted, report.updated, report.unchanged) == (10, 9, 0, 1)
    assert report.findings["event_retracted"].examples == [(4, "e0003")]
    assert "e0003" not in read_events(connection)["event_id"].to_list()


def test_an_import_waits_for_another_writer_of_the_same_events(database: str, connection: Connection) -> None:
    """Whatever the order of the rows: two writers that wait for each other would be a deadlock."""
    first, last = purchases(1), purchases(1, 9)
    insert = "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) VALUES (%s, 'view', 'p', 'u', now())"
    reports: list[ImportReport] = []

    def import_backwards() -> None:
        with connect(database, autocommit=True) as other:
            reports.append(import_events(other, pl.concat([last, first])))

    thread = threading.Thread(target=import_backwards)
    with connection.transaction():
        connection.execute(insert, [first["event_id"][0]])
        thread.start()
        blocked = "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
        wait_until(lambda: connection.execute(blocked).fetchone() is not None)
        connection.execute(insert, [last["event_id"][0]])
    thread.join()
    assert [(report.inserted, report.unchanged) for report in reports] == [(0, 2)]


def test_a_part_that_fails_with_a_deadlock_is_written_again(connection: Connection) -> None:
    connection.execute("""
        CREATE SEQUENCE public.tries;
        CREATE FUNCTION public.lose_twice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('public.tries') <= 2 THEN RAISE EXCEPTION 'a deadlock' USING ERRCODE = 'deadlock_detected'; END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER lose AFTER INSERT ON behavior.events FOR EACH STATEMENT EXECUTE FUNCTION public.lose_twice();
    """)
    report = import_events(connection, purchases(10))
    assert (report.read, report.inserted) == (10, 10)
    assert report.findings["product_unknown"].rows == 10


def test_an_import_without_update_keeps_stored_events_and_notes_differences(connection: Connection) -> None:
    import_events(connection, purchases(10))
    changed = purchases(12).with_columns(value=pl.when(pl.col("event_id") == "e0003").then(9.5).otherwise("value"))
    report = import_events(connection, changed)
    assert (report.inserted, report.updated, report.unchanged) == (2, 0, 10)
    finding = report.findings["event_differs"]
    assert (finding.action, finding.examples) == ("noted", [(4, "e0003")])
    assert_frame_equal(read_events(connection), purchases(12))


def test_an_import_with_update_overwrites_events_that_differ(connection: Connection) -> None:
    import_events(connection, purchases(10))
    changed = purchases(12).with_columns(value=pl.when(pl.col("event_id") == "e0003").then(9.5).otherwise("value"))
    report = import_events(connection, changed, update=True)
    assert (report.inserted, report.updated, report.unchanged) == (2, 1, 9)
    assert "event_differs" not in report.findings
    assert_frame_equal(read_events(connection), changed)
    assert import_events(connection, changed, update=True).unchanged == 12


def test_columns_missing_from_a_file_do_not_count_as_differences(connection: Connection) -> None:
    import_events(connection, purchases(10))
    report = import_events(connection, purchases(10).drop("value", "quantity"), update=True)
    assert (report.updated, report.unchanged) == (0, 10)
    assert_frame_equal(read_events(connection), purchases(10))


def test_a_user_assigned_since_the_import_does_not_count_as_a_difference(connection: Connection) -> None:
    import_events(connection, purchases(10))
    connection.execute("UPDATE behavior.events SET user_id = 'ann' WHERE user_id IS NULL")
    connection.execute("INSERT INTO behavior.sessions (session_id, user_id) VALUES ('s', 'bob')")
    report = import_events(connection, purchases(10), update=True)
    assert (report.updated, report.unchanged) == (0, 10)
    assert set(read_events(connection)["user_id"]) == {"u0", "u1", "u2", "ann"}
