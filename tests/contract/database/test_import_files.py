"""`shelfwise import`: from a shop's files, with every fault that real files have, to the tables and the report."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import fsspec
import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from shelfwise_pipeline.cli.importing import import_files
from shelfwise_pipeline.importing import read_events, read_judgements, read_products
from shelfwise_pipeline.importing.files import opening

Connection = psycopg.Connection[Any]

PRODUCTS = (
    "sku;name;path;price;stock;colour\n"
    '1;"Baker&#39;s Comb";Beauty > Hair;₹1.299,00;12;red\n'
    "2;Soap;Beauty > > Skin;cheap;no;\n"
    ";Ghost;Home;1,00;yes;\n"
    "1;Comb;Beauty > Hair;9,50;0;NULL\n"
    "3;   ;Home;1,00;yes;\n"
    "4;Lamp;Home\n"
).encode() + "5;Crème;Küche;2;yes;weiß\n".encode("latin-1")
PRODUCT_MAP = """
kind: products
fields:
  product_id: sku
  title: name
  category: {column: path, split: '>'}
  price: price
  in_stock: stock
  currency: {constant: EUR}
attributes: {colour: colour}
"""
SALES = "invoice,item,buyer,when,pieces,each,what\n" + "".join(
    [
        "1,7,a,2024-01-01 10:00,2,$1.50,BATH SOAP\n",
        "1,7,a,2024-01-01 10:00,2,$1.50,BATH SOAP\n",
        "C2,7,a,2024-01-02 10:00,-2,1.50,BATH SOAP\n",
        "3,8,,2024-01-02 11:00,-1,2.00,COMB\n",
        "4,8,b,not yet,1,2.00,COMB (broken)\n",
        "5,8,b,2024-01-03 10:00,1,2.50,COMB\n",
        "6,8,c,2024-01-04 10:00,1,3.00,COMB\n",
    ]
)
EVENT_MAP = """
kind: events
refuse: [{column: invoice, matches: ^C, reason: a cancelled invoice}]
fields:
  type: {constant: purchase}
  product_id: item
  user_id: buyer
  session_id: invoice
  timestamp: {column: when, timezone: Europe/Berlin}
  quantity: pieces
  value: {multiply: [pieces, each]}
"""


@pytest.fixture
def shop(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shop's files; DATABASE_URL names the test's own database."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("COLUMNS", "200")
    contents = {"products.csv": PRODUCTS, "sales.csv.gz": gzip.compress(SALES.encode())}
    for name, content in (contents | {"products.yaml": PRODUCT_MAP.encode(), "events.yaml": EVENT_MAP.encode()}).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def shelfwise(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(import_files)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_product_rows_are_kept_mended_or_refused_and_reported_by_rule(shop: Path, connection: Connection) -> None:
    arguments = ("--map", shop / "products.yaml", "--report", shop / "report.json", "--max-refused", "50%")
    result = shelfwise("products", shop / "products.csv", *arguments)
    assert result.exit_code == 0, result.output
    rows = {row["product_id"]: row for row in read_products(connection).to_dicts()}
    assert {key: (row["title"], row["category"], row["price"], row["in_stock"]) for key, row in rows.items()} == {
        "1": ("Comb", ["Beauty", "Hair"], 9.5, False),
        "2": ("Soap", ["Beauty", "Skin"], None, False),
        "5": ("Crème", ["Küche"], 2.0, True),
    }
    assert rows["5"]["attributes"] == '{"colour": "weiß"}'
    report = json.loads((shop / "report.json").read_text())
    (entry,) = report["imports"]
    assert {
        finding["rule"]: (finding["action"], finding["rows"], finding["examples"][0][0]) for finding in entry["findings"]
    } == {
        "row_fields": ("refused", 1, 7),
        "row_latin1": ("mended", 1, 8),
        "price_unreadable": ("mended", 1, 3),
        "price_written": ("mended", 4, 2),
        "title_entities": ("mended", 1, 2),
        "title_missing": ("refused", 1, 6),
        "product_id_missing": ("refused", 1, 4),
        "product_id_repeated": ("refused", 1, 2),
    }
    assert (entry["read"], entry["accepted"], entry["mended"], entry["refused"]) == (7, 3, 3, 4)
    assert {"line": 2, "file": "products.csv", "value": "₹1.299,00"}.items() <= report["rows"][3].items()
    assert "another line has the same product_id" in result.output


def test_events_imported_twice_are_stored_once(shop: Path, connection: Connection) -> None:
    arguments = ("events", shop / "sales.csv.gz", "--map", shop / "events.yaml")
    assert shelfwise(*arguments).exit_code == 0
    before = read_events(connection)
    assert before.select("product_id", "user_id", "session_id", "quantity", "value").rows() == [
        ("7", "a", "1", 2, 3.0), ("7", "a", "1", 2, 3.0), ("8", "b", "5", 1, 2.5), ("8", "c", "6", 1, 3.0),
    ]  # fmt: skip
    assert before["timestamp"].dt.hour().to_list() == [9, 9, 9, 9]
    again = shelfwise(*arguments, "--report", shop / "report.json")
    assert again.exit_code == 0
    assert read_events(connection).equals(before)
    (entry,) = json.loads((shop / "report.json").read_text())["imports"]
    assert (entry["inserted"], entry["unchanged"], entry["refused"]) == (0, 4, 3)
    assert {finding["rule"]: finding["examples"] for finding in entry["findings"]} == {
        "map_a_cancelled_invoice": [[4, "C2"]],
        "quantity_negative": [[5, "-1"]],
        "timestamp_unreadable": [[6, "not yet"]],
        "product_unknown": [[2, "7"], [3, "7"], [7, "8"], [8, "8"]],
    }


def test_events_of_products_that_the_catalog_does_not_hold_are_noted(shop: Path, connection: Connection) -> None:
    """As when the map takes the products' ids from the wrong column."""
    (shop / "products.csv").write_text("sku,name\n8,Comb\n", "utf-8")
    assert shelfwise("products", shop / "products.csv", "--set", "product_id=sku", "--set", "title=name").exit_code == 0
    arguments = ("events", shop / "sales.csv.gz", "--map", shop / "events.yaml", "--report", shop / "report.json")
    result = shelfwise(*arguments)
    assert result.exit_code == 0
    assert "the product is not in the catalog" in " ".join(re.split(r"[\s│]+", result.output))
    (entry,) = json.loads((shop / "report.json").read_text())["imports"]
    (unknown,) = [finding for finding in entry["findings"] if finding["rule"] == "product_unknown"]
    assert (unknown["action"], unknown["rows"], unknown["examples"]) == ("noted", 2, [[2, "7"], [3, "7"]])
    assert (entry["accepted"], entry["inserted"]) == (4, 4)


def test_products_are_imported_from_the_sales_of_several_files(shop: Path, connection: Connection) -> None:
    (shop / "more.csv").write_text("invoice,item,buyer,when,pieces,each,what\nC9,8,c,2024-01-05,1,9.00,COMB\n", "utf-8")
    (shop / "map.yaml").write_text(
        "one_per: item\nrefuse: [{column: invoice, matches: ^C, reason: a cancelled invoice}]\n"
        "fields: {title: {column: what, case: title}, price: each}",
        "utf-8",
    )
    result = shelfwise(
        "products", shop / "sales.csv.gz", shop / "more.csv", "--map", shop / "map.yaml", "--report", shop / "report.json"
    )
    assert result.exit_code == 0, result.output
    assert read_products(connection).select("product_id", "title", "price").rows() == [
        ("7", "Bath Soap", 1.5),
        ("8", "Comb", 2.0),
    ]
    (entry,) = json.loads((shop / "report.json").read_text())["imports"]
    assert (entry["read"], entry["accepted"], entry["refused"], entry["merged"]) == (8, 2, 2, 4)
    cancelled = [(finding["source"], finding["examples"]) for finding in entry["findings"] if finding["action"] == "refused"]
    assert cancelled == [("sales.csv.gz", [[4, "C2"]]), ("more.csv", [[2, "C9"]])]


def test_a_complete_import_of_two_files_deletes_products_that_neither_holds(shop: Path, connection: Connection) -> None:
    flags = ("--set", "product_id=sku", "--set", "title=name", "--report", shop / "report.json")
    first, second = shop / "first.csv", shop / "second.csv"
    first.write_text("sku,name\n" + "".join(f"{n},Comb\n" for n in range(6)), "utf-8")
    second.write_text("sku,name\n" + "".join(f"{n},Comb\n" for n in range(6, 12)), "utf-8")
    assert shelfwise("products", first, second, *flags).exit_code == 0
    second.write_text("sku,name\n" + "".join(f"{n},Comb\n" for n in range(6, 10)), "utf-8")

    def deleted() -> int:
        (entry,) = json.loads((shop / "report.json").read_text())["imports"]
        return int(entry["deleted"])

    dry = shelfwise("products", first, second, *flags, "--complete", "--dry-run")
    assert (dry.exit_code, deleted(), read_products(connection).height) == (0, 2, 12)
    assert shelfwise("products", first, second, *flags, "--complete").exit_code == 0
    assert (deleted(), read_products(connection).height) == (2, 10)

    lacking = shelfwise("products", first, *flags, "--complete")
    assert lacking.exit_code == 1
    assert "found 4 that the files lack" in lacking.output
    assert shelfwise("products", first, *flags, "--complete", "--force").exit_code == 0
    assert read_products(connection).height == 6


def test_an_update_with_a_better_map_corrects_events(shop: Path, connection: Connection) -> None:
    arguments = ("events", shop / "sales.csv.gz", "--map", shop / "events.yaml", "--report", shop / "report.json")
    assert shelfwise(*arguments, "--set", "value=each").exit_code == 0
    assert shelfwise(*arguments).exit_code == 0
    (entry,) = json.loads((shop / "report.json").read_text())["imports"]
    assert ("event_differs", 2) in [(finding["rule"], finding["rows"]) for finding in entry["findings"]]
    assert read_events(connection)["value"].to_list() == [1.5, 1.5, 2.5, 3.0]
    assert shelfwise(*arguments, "--update").exit_code == 0
    assert read_events(connection)["value"].to_list() == [3.0, 3.0, 2.5, 3.0]
    refused = shelfwise("products", shop / "products.csv", "--map", shop / "products.yaml", "--update")
    assert (refused.exit_code, "--update is only for events" in refused.output) == (1, True)


def test_complete_is_refused_for_events(shop: Path) -> None:
    result = shelfwise("events", shop / "sales.csv.gz", "--map", shop / "events.yaml", "--complete")
    assert result.exit_code == 1
    assert "--complete is only for products" in result.output


def test_judgements_are_imported_with_a_map_given_by_flags(shop: Path, connection: Connection) -> None:
    (shop / "graded.jsonl").write_text('{"q": "soap", "p": 7, "g": "Exact"}\n{"q": "soap", "p": 8, "g": "Bad"}\n', "utf-8")
    flags = (
        "--set",
        "query=q",
        "--set",
        "product_id=p",
        "--set",
        "grade={column: g, values: {Exact: 3}}",
        "--max-refused",
        "50%",
    )
    assert shelfwise("judgements", shop / "graded.jsonl", *flags).exit_code == 0
    assert read_judgements(connection).rows() == [("soap", "7", 3.0)]


def test_files_and_their_map_may_be_on_another_file_system(shop: Path, connection: Connection) -> None:
    for name in ("products.csv", "products.yaml"):
        fsspec.filesystem("memory").pipe_file(f"/imports/{name}", (shop / name).read_bytes())
    addresses = ("memory://imports/products.csv", "--map", "memory://imports/products.yaml")
    result = shelfwise("products", *addresses, "--max-refused", "50%")
    assert result.exit_code == 0, result.output
    assert set(read_products(connection)["product_id"]) == {"1", "2", "5"}
    assert "products.csv" in result.output
    missing = shelfwise("products", "memory://imports/none.csv", "--yes")
    assert missing.exit_code == 1
    assert "expected a file at 'memory://imports/none.csv'" in missing.output


def test_a_dry_run_writes_nothing(shop: Path, connection: Connection) -> None:
    for kind, name in (("products", "products.csv"), ("events", "sales.csv.gz")):
        result = shelfwise(kind, shop / name, "--map", shop / f"{kind}.yaml", "--dry-run", "--max-refused", "50%")
        assert result.exit_code == 0
        assert "nothing was written" in result.output
    assert read_products(connection).is_empty()
    assert read_events(connection).is_empty()


def test_an_import_without_a_map_proposes_one_and_runs_only_with_yes(shop: Path, connection: Connection) -> None:
    result = shelfwise("events", shop / "sales.csv.gz")
    assert result.exit_code == 2
    assert "product_id: item" in result.output
    assert read_events(connection).is_empty()
    assert shelfwise("events", shop / "sales.csv.gz", "--yes", "--set", "timestamp=when").exit_code == 0
    assert read_events(connection).height == 4


def test_an_import_that_keeps_no_row_fails(shop: Path) -> None:
    (shop / "empty.csv").write_text("sku;name\n1;\n", "utf-8")
    result = shelfwise("products", shop / "empty.csv", "--set", "product_id=sku", "--set", "title=name")
    assert result.exit_code == 1
    assert "no row could be kept" in result.output


def test_a_file_without_rows_succeeds_with_a_map_and_fails_without_one(shop: Path) -> None:
    (shop / "sunday.csv").write_text("sku;name\n", "utf-8")
    result = shelfwise("products", shop / "sunday.csv", "--set", "product_id=sku", "--set", "title=name")
    assert (result.exit_code, "no row could be kept" in result.output) == (0, False), result.output
    without_map = shelfwise("products", shop / "sunday.csv")
    assert without_map.exit_code == 1
    assert "to propose a column map from, found none" in without_map.output


@pytest.mark.parametrize(("share", "exit_code", "kept"), [("20%", 1, 0), ("0.3", 0, 7), ("100%", 0, 7)])
def test_an_import_fails_if_more_than_the_max_refused_share_is_refused(
    shop: Path, connection: Connection, share: str, exit_code: int, kept: int
) -> None:
    rows = [*(f"{n},Comb" for n in range(7)), *(f"{n}," for n in range(7, 10)), "1,Comb", "2,Comb"]
    (shop / "broken.csv").write_text("\n".join(["sku,name", *rows]), "utf-8")
    flags = ("--set", "product_id=sku", "--set", "title=name", "--max-refused", share, "--report", shop / "report.json")
    result = shelfwise("products", shop / "broken.csv", *flags)
    assert (result.exit_code, read_products(connection).height) == (exit_code, kept), result.output
    assert ("found 3 of 12" in result.output) == (exit_code == 1)
    (entry,) = json.loads((shop / "report.json").read_text())["imports"]
    assert (entry["read"], entry["refused"]) == (12, 5)


def test_an_event_import_above_max_refused_fails_but_keeps_its_events(shop: Path, connection: Connection) -> None:
    """Events are kept part by part. Returns and rows that the map refuses are no sign of a broken export."""
    arguments = ("events", shop / "sales.csv.gz", "--map", shop / "events.yaml", "--max-refused")
    assert shelfwise(*arguments, "10%").exit_code == 1
    assert read_events(connection).height == 4
    assert shelfwise(*arguments, "15%").exit_code == 0


def test_a_max_refused_above_one_is_refused(shop: Path) -> None:
    result = shelfwise("products", shop / "products.csv", "--max-refused", "5")
    assert result.exit_code == 2
    assert "expected a share of the rows" in result.output


def test_an_unknown_column_stops_an_import_before_the_first_row(shop: Path, connection: Connection) -> None:
    result = shelfwise("products", shop / "products.csv", "--map", shop / "products.yaml", "--set", "title=nmae")
    assert result.exit_code == 1
    assert "did you mean 'name'?" in result.output
    assert read_products(connection).is_empty()


def test_an_import_of_a_truncated_file_continues_with_the_whole_file(
    shop: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHUNK_ROWS", 100)
    head, *lines = ("invoice,item,buyer,when,pieces,each,what", *(f"{n},{n},a,2024-01-01,1,1,x{n * 7919}" for n in range(5000)))
    whole = gzip.compress("\n".join([head, *lines]).encode())
    (shop / "sales.csv.gz").write_bytes(whole[: len(whole) // 2])
    broken = shelfwise("events", shop / "sales.csv.gz", "--map", shop / "events.yaml")
    assert broken.exit_code == 1
    assert "copy it again" in broken.output
    part = read_events(connection).height
    assert 0 < part < 5000
    (shop / "sales.csv.gz").write_bytes(whole)
    assert shelfwise("events", shop / "sales.csv.gz", "--map", shop / "events.yaml").exit_code == 0
    assert read_events(connection).height == 5000
