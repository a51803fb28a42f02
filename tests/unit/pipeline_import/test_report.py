"""The report names every rule, keeps a few lines of each, and passes all of them on."""

import json

import polars as pl

from shelfwise_pipeline.importing.report import EXAMPLES_KEPT, ImportReport


def rows(first: int, count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"line": range(first, first + count), "value": ["-1"] * count}, schema={"line": pl.Int64, "value": pl.String}
    )


def test_the_number_of_examples_is_bounded_but_all_rows_are_counted() -> None:
    report = ImportReport("products")
    report.found("price_impossible", "price", "mended", "below 0", rows(1, 15))
    report.found("price_impossible", "price", "mended", "below 0", rows(16, 500))
    finding = report.findings["price_impossible"]
    assert (finding.rows, len(finding.examples), finding.examples[-1]) == (515, EXAMPLES_KEPT, (EXAMPLES_KEPT, "-1"))


def test_a_sink_gets_every_row() -> None:
    taken: list[pl.DataFrame] = []
    report = ImportReport("products", sink=taken.append)
    report.found("price_impossible", "price", "mended", "below 0", rows(1, 100))
    (frame,) = taken
    assert frame.columns == ["line", "rule", "action", "column", "value", "reason"]
    assert frame.row(99) == (100, "price_impossible", "mended", "price", "-1", "below 0")
    assert frame.height == 100


def test_a_report_is_readable_as_text_and_serializable_as_json() -> None:
    report = ImportReport("products", read=10, accepted=9, mended=2, refused=1, inserted=9, seconds=0.25)
    report.found("price_impossible", "price", "mended", "below 0", rows(4, 2))
    report.found("title_missing", "title", "refused", "title is required", rows(9, 1))
    assert str(report).splitlines() == [
        "products: 10 read, 9 new, 0 changed, 0 as before, 2 mended, 1 refused, 0.2 s",
        "  refused 1: title is required (title_missing; line 9 '-1')",
        "  mended 2: below 0 (price_impossible; line 4 '-1', line 5 '-1')",
    ]
    assert json.loads(json.dumps(report.as_dict()))["findings"][1]["examples"] == [[9, "-1"]]
