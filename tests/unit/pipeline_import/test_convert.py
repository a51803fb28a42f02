"""Rows of a file become canonical rows; every value that had to be guessed at is reported with its line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping import Converter, read_map
from shelfwise_pipeline.importing.report import ImportReport, Kind


def converted(folder: Path, kind: Kind, text: str, entries: dict[str, Any]) -> tuple[pl.DataFrame, ImportReport]:
    shop, column_map = folder / "shop.csv", folder / "map.yaml"
    shop.write_text(text, "utf-8")
    column_map.write_text(yaml.safe_dump(entries), "utf-8")
    report = ImportReport(kind)
    frames = list(Converter(kind, read_map(kind, column_map), SourceFile.open(shop)).frames(report))
    return pl.concat(frames), report


def test_products_are_converted_and_mended_values_reported(tmp_path: Path) -> None:
    text = (
        "sku,name,dept,aisle,price,stock,colour,size,made\n"
        "1,Comb,Beauty,Hair,₹1 299,yes,black,,2020-05-01\n"
        "2,Soap,Home,Home,cheap,0,NULL,9 oz,05/06/2020\n"
    )
    fields = {"product_id": "sku", "title": "name", "category": ["dept", "aisle"], "price": "price", "in_stock": "stock"}
    entries = {"fields": fields | {"created_at": "made"}, "attributes": {"size": "size", "colour": "colour"}}
    rows, report = converted(tmp_path, "products", text, entries)
    assert rows.drop("line", "__mended").to_dicts() == [
        {
            "product_id": "1", "title": "Comb", "category": ["Beauty", "Hair"], "price": 1299.0, "in_stock": True,
            "attributes": '{"colour": "black"}', "created_at": datetime(2020, 5, 1, tzinfo=UTC),
        },
        {
            "product_id": "2", "title": "Soap", "category": ["Home"], "price": None, "in_stock": False,
            "attributes": '{"size": "9 oz"}', "created_at": None,
        },
    ]  # fmt: skip
    assert {rule: (finding.action, finding.examples) for rule, finding in report.findings.items()} == {
        "price_written": ("mended", [(2, "₹1 299")]),
        "price_unreadable": ("mended", [(3, "cheap")]),
        "created_at_unreadable": ("mended", [(3, "05/06/2020")]),
    }
    assert rows["__mended"].to_list() == [True, True]
    assert report.refused == 0


PRICED: dict[str, Any] = {"fields": {"product_id": "sku", "title": "name", "price": "price"}}


def priced(folder: Path, *prices: str, **more: Any) -> tuple[list[float | None], ImportReport]:
    """The prices as they are read."""
    text = "sku;name;price\n" + "".join(f"{place};Comb;{price}\n" for place, price in enumerate(prices))
    rows, report = converted(folder, "products", text, PRICED | more)
    return rows["price"].to_list(), report


def test_one_decimal_comma_proves_how_a_column_writes_thousands(tmp_path: Path) -> None:
    prices, report = priced(tmp_path, "1.299", "€ 1.299", "1.299,00", "49,90", "2.499", "12", "1,299")
    assert prices == [1299, 1299, 1299, 49.9, 2499, 12, 1.299]
    finding = report.findings["price_written"]
    assert (finding.action, [line for line, _ in finding.examples]) == ("mended", [2, 3, 4, 5, 6, 8])
    assert "as other rows show" in finding.reason
    assert report.findings.keys() == {"price_written"}


def test_the_decimal_sign_is_that_of_the_whole_file_and_not_of_one_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfwise_pipeline.importing.files.opening.CHUNK_ROWS", 2)
    meant = {"12": 12, "7": 7, "1.299": 1299, "2.499": 2499, "49,90": 49.9}
    for file in (["12", "12", "1.299", "2.499", "7", "49,90"], ["49,90", "12", "7", "7", "1.299", "2.499"]):
        prices, report = priced(tmp_path, *file)
        assert prices == [meant[price] for price in file]
        assert report.findings.keys() == {"price_written"}


def test_a_proved_decimal_point_keeps_three_decimals(tmp_path: Path) -> None:
    prices, report = priced(tmp_path, "1.299", "4.5", "1,299")
    assert prices == [1.299, 4.5, 1299]
    assert report.findings.keys() == {"price_written"}


def test_a_column_that_does_not_prove_its_decimal_sign_is_noted(tmp_path: Path) -> None:
    prices, report = priced(tmp_path, "1.299", "12", "2.499", "", "1,299")
    assert prices == [1.299, 12, 2.499, None, 1299]
    finding = report.findings["price_decimal"]
    assert (finding.action, finding.examples) == ("noted", [(2, "1.299"), (4, "2.499")])
    assert "decimal: ','" in finding.reason
    told = PRICED["fields"] | {"price": {"column": "price", "decimal": ","}}
    assert priced(tmp_path, "1.299", "12", "2.499", fields=told)[0] == [1299, 12, 2499]


def test_decimal_signs_that_contradict_each_other_are_noted(tmp_path: Path) -> None:
    prices, report = priced(tmp_path, "1.299", "49,90", "4.5", "12")
    assert prices == [1.299, 49.9, 4.5, 12]
    finding = report.findings["price_decimal"]
    assert (finding.action, finding.examples) == ("noted", [(2, "1.299"), (3, "49,90")])
    told = PRICED["fields"] | {"price": {"column": "price", "decimal": ","}}
    prices, report = priced(tmp_path, "1.299", "49,90", "4.5", fields=told)
    assert report.findings["price_decimal"].examples == [(4, "4.5")]


def test_refusal_limits_read_numbers_as_the_field_does(tmp_path: Path) -> None:
    refuse = [{"column": "price", "below": 2, "reason": "too cheap"}, {"column": "sku", "among": ["9"], "reason": "no"}]
    assert priced(tmp_path, "1.299", "1,90", "49,90", refuse=refuse)[0] == [1299, 49.9]


def test_multiplied_values_use_the_decimal_sign_of_their_columns(tmp_path: Path) -> None:
    fields = EVENTS | {"value": {"multiply": ["n", "price"]}}
    text = "p;u;at;n;price\n1;a;2024-01-01;2;1.299\n1;a;2024-01-01;1;49,90\n1;a;2024-01-01;3;0,50\n"
    rows, _ = converted(tmp_path, "events", text, {"fields": fields})
    assert rows["value"].to_list() == [2598, 49.9, 1.5]


EVENTS = {"type": {"constant": "purchase"}, "product_id": "p", "user_id": "u", "timestamp": "at", "quantity": "n"}


def test_refused_and_mended_rows_are_reported_with_rules_and_lines(tmp_path: Path) -> None:
    text = "p,u,at,n\n1,a,2024-01-01,1\nPOST,a,2024-01-01,1\n2,b,soon,1\n3,c,2024-01-01,2.5\n4,d\n"
    refuse = [{"column": "p", "unless": r"^\d", "reason": "not a product"}]
    rows, report = converted(tmp_path, "events", text, {"fields": EVENTS, "refuse": refuse})
    assert rows.select("line", "product_id", "quantity").rows() == [(2, "1", 1), (5, "3", 2)]
    assert {rule: (finding.action, finding.examples[0]) for rule, finding in report.findings.items()} == {
        "map_not_a_product": ("refused", (3, "POST")),
        "timestamp_unreadable": ("refused", (4, "soon")),
        "quantity_fraction": ("mended", (5, "2.5")),
        "row_fields": ("refused", (6, "4,d")),
    }
    assert (report.read, report.refused) == (3, 3)


def test_quantities_too_large_for_an_integer_are_removed_and_reported(tmp_path: Path) -> None:
    text = "p,u,at,n\n" + "".join(f"1,a,2024-01-01,{n}\n" for n in ("3000000000", "2147483647", "-3000000000", "inf", ""))
    rows, report = converted(tmp_path, "events", text, {"fields": EVENTS})
    assert rows["quantity"].to_list() == [None, 2**31 - 1, -(2**31), None, None]
    finding = report.findings["quantity_beyond"]
    assert (finding.action, finding.examples) == ("mended", [(2, "3000000000"), (5, "inf")])
    assert report.findings.keys() == {"quantity_beyond"}


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"matches": "^1"}, ["2", "x"]),
        ({"unless": r"^\d"}, ["1", "12", "2"]),
        ({"among": [1, "x"]}, ["12", "2"]),
        ({"below": 2}, ["12", "2", "x"]),
        ({"above": 2}, ["1", "2", "x"]),
        ({"empty": True}, ["1", "12", "2", "x"]),
    ],
)
def test_each_refusal_condition_keeps_only_the_other_rows(tmp_path: Path, condition: dict[str, Any], kept: list[str]) -> None:
    entries = {"fields": {"product_id": "p", "title": "t"}, "refuse": [{"column": "p", "reason": "no"} | condition]}
    rows, _ = converted(tmp_path, "products", "p,t\n1,a\n12,b\n2,c\nx,d\n", entries)
    assert rows["product_id"].to_list() == kept


def test_a_refusal_knows_texts_however_accents_and_blanks_are_stored(tmp_path: Path) -> None:
    refuse = [{"column": "t", "among": ["Café crème"], "reason": "no"}]
    table = "p,t\n1,Café crème\n2,Cafe\u0301 cre\u0300me\n3,Café\u00a0crème\n4,Cafe creme\n"
    rows, _ = converted(tmp_path, "products", table, {"fields": {"product_id": "p", "title": "t"}, "refuse": refuse})
    assert rows["product_id"].to_list() == ["4"]


def test_equal_rows_get_different_event_ids_that_do_not_depend_on_other_rows(tmp_path: Path) -> None:
    row = "1,a,2024-01-01,{}\n"
    head = "p,u,at,n\n"
    both, _ = converted(tmp_path, "events", head + row.format(1) + "2,a,2024-01-01,1\n" + row.format(2), {"fields": EVENTS})
    first, other, second = both["event_id"]
    assert len({first, other, second}) == 3
    assert (first.partition("-")[0], second.partition("-")[2]) == (second.partition("-")[0], "2")
    alone, _ = converted(tmp_path, "events", head + row.format(7), {"fields": EVENTS})
    assert alone["event_id"].to_list() == [first]


def test_event_ids_are_the_same_in_every_release(tmp_path: Path) -> None:
    for written in ("2024-01-01", "2024-01-01T00:00:00Z", "1704067200"):
        rows, _ = converted(tmp_path, "events", f"p,u,at,n\n1,a,{written},1\n", {"fields": EVENTS})
        assert rows["event_id"].to_list() == ["cbae30ea5fa954c114311e060caf1c25-1"]


def test_products_whose_ids_look_like_one_day_have_events_of_their_own(tmp_path: Path) -> None:
    text = "p,u,at,n\n20240101,a,2024-01-01,1\n2024-01-01,a,2024-01-01,1\n"
    rows, _ = converted(tmp_path, "events", text, {"fields": EVENTS})
    assert [event_id.partition("-")[2] for event_id in rows["event_id"]] == ["1", "1"]


def test_the_columns_of_an_events_identity_can_be_set(tmp_path: Path) -> None:
    text = "p,u,at,n\n1,a,2024-01-01,1\n1,a,2024-01-01,2\n"
    rows, _ = converted(tmp_path, "events", text, {"fields": EVENTS, "identity": ["p", "n"]})
    assert [event_id.partition("-")[2] for event_id in rows["event_id"]] == ["1", "1"]


def test_a_timeline_dates_orders_by_the_days_between_them(tmp_path: Path) -> None:
    text = "p,u,order,days,hour\n1,a,2,7.0,9\n2,a,1,,8\n3,a,10,3,0\n4,b,1,,23\n5,a,2,7.0,9\n"
    timeline = {"start": "2017-01-01", "days": "days", "per": "u", "order": "order", "hour": "hour"}
    fields = EVENTS | {"timestamp": {"timeline": timeline}}
    fields.pop("quantity")
    rows, report = converted(tmp_path, "events", text, {"fields": fields})
    assert [f"{moment:%m-%d %H}" for moment in rows["timestamp"]] == [
        "01-08 09",
        "01-01 08",
        "01-11 00",
        "01-01 23",
        "01-08 09",
    ]
    assert report.findings == {}


def test_an_order_whose_days_cannot_be_read_has_no_time(tmp_path: Path) -> None:
    text = "p,u,order,days\n1,a,1,NULL\n2,a,2,a week\n3,b,1,\n"
    timeline = {"start": "2017-01-01", "days": "days", "per": "u", "order": "order"}
    rows, _ = converted(tmp_path, "events", text, {"fields": EVENTS | {"timestamp": {"timeline": timeline}, "quantity": "p"}})
    assert [moment and f"{moment:%m-%d}" for moment in rows["timestamp"]] == ["01-01", None, "01-01"]


@pytest.mark.parametrize(
    ("source", "grades"),
    [
        ({"column": "g", "values": {"Exact": 3, 100: 2}}, [("1", 3.0), ("2", 2.0), ("3", None)]),
        ({"column": "g", "scale": [0, 100]}, [("2", 3.0), ("3", None)]),
        ({"column": "g", "scale": [60, 160]}, [("2", 1.2), ("3", None)]),
    ],
)
def test_grades_are_read_by_values_or_by_scale(
    tmp_path: Path, source: dict[str, Any], grades: list[tuple[str, float | None]]
) -> None:
    entries = {"fields": {"query": "q", "product_id": "p", "grade": source}}
    rows, report = converted(tmp_path, "judgements", "q,p,g\nsoap,1,Exact\nsoap,2,100.0\nsoap,3,\n", entries)
    assert rows.select("product_id", "grade").rows() == grades
    assert report.refused == 3 - len(grades)


def test_a_key_that_no_object_has_is_noted(tmp_path: Path) -> None:
    shop = tmp_path / "shop.jsonl"
    objects = ['{"sku": 1, "name": "Comb"}', '{"sku": 2, "name": "Brush", "price": 3}']
    shop.write_text("\n".join(objects), "utf-8")
    flags = ["product_id=sku", "title=name", "price=price", "brand=maker"]
    report = ImportReport("products")
    frames = list(Converter("products", read_map("products", None, flags), SourceFile.open(shop)).frames(report))
    assert pl.concat(frames).select("product_id", "title", "price", "brand").rows() == [
        ("1", "Comb", None, None),
        ("2", "Brush", 3.0, None),
    ]
    assert [(f.column, f.action, f.rows) for f in report.findings.values()] == [("maker", "noted", 0)]


def test_a_category_list_that_cannot_be_read_is_noted(tmp_path: Path) -> None:
    text = "sku;name;path\n1;Comb;['Home', 'Hair']\n2;Soap;[Home, Skin]\n3;Lamp;[SALE] Lamps\n"
    frame, report = converted(
        tmp_path, "products", text, {"fields": {"product_id": "sku", "title": "name", "category": "path"}}
    )
    assert frame["category"].to_list() == [["Home", "Hair"], ["[Home, Skin]"], ["[SALE] Lamps"]]
    assert [(f.rule, f.action, f.examples) for f in report.findings.values()] == [
        ("category_list_unreadable", "noted", [(3, "[Home, Skin]")])
    ]
