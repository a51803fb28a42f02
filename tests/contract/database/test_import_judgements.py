"""Judgements are imported unchanged, once, and can be read back."""

from typing import Any

import polars as pl
import psycopg
from polars.testing import assert_frame_equal

from shelfwise_pipeline.importing import JUDGEMENT_COLUMNS, import_judgements, read_judgements

Connection = psycopg.Connection[Any]
JUDGEMENTS = pl.DataFrame(
    {"query": ["hair comb", "hair comb", 'so, "soap"'], "product_id": ["1", "2", "1"], "grade": [3.0, 1.985, 0.0]},
    schema=JUDGEMENT_COLUMNS,
)


def test_imported_judgements_are_read_back_unchanged(connection: Connection) -> None:
    report = import_judgements(connection, JUDGEMENTS)
    assert (report.read, report.inserted, report.mended, report.refused) == (3, 3, 0, 0)
    assert_frame_equal(read_judgements(connection), JUDGEMENTS)


def test_only_judgements_that_differ_are_written(connection: Connection) -> None:
    import_judgements(connection, JUDGEMENTS)
    assert import_judgements(connection, JUDGEMENTS).unchanged == 3
    report = import_judgements(connection, JUDGEMENTS[:1].with_columns(grade=pl.lit(2.0)))
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 0)
    assert read_judgements(connection)["grade"].to_list() == [2.0, 1.985, 0.0]


def test_each_rule_reports_the_judgements_that_it_mends_or_refuses(connection: Connection) -> None:
    dirty = pl.DataFrame(
        {
            "query": ["soap", " so&amp;ap ", None, "soap", "soap", "soap", "soap"],
            "product_id": ["1", "1", "1", " ", "2", "3", "1"],
            "grade": [1.0, 1.0, 1.0, 1.0, None, 3.5, 2.0],
        }
    )
    report = import_judgements(connection, dirty)
    assert {rule: [line for line, _ in finding.examples] for rule, finding in report.findings.items()} == {
        "query_entities": [2],
        "query_untidy": [2],
        "query_missing": [3],
        "product_id_untidy": [4],
        "product_id_missing": [4],
        "grade_missing": [5],
        "grade_off_scale": [6],
        "judgement_repeated": [1],
    }
    assert report.findings["judgement_repeated"].examples == [(1, "soap → 1")]
    assert (report.read, report.accepted, report.mended, report.refused, report.inserted) == (7, 2, 1, 5, 2)
    assert read_judgements(connection).rows() == [("so&ap", "1", 1.0), ("soap", "1", 2.0)]
