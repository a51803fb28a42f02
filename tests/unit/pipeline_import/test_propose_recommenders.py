"""What shops gave to other recommenders is proposed as it is meant."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.propose import propose
from shelfwise_pipeline.importing.report import Kind

N = range(60)
KIND = ["Watch", "Socks", "Mug"]


def fields_of(path: Path, kind: Kind = "products") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(propose(kind, SourceFile.open(path)))["fields"]
    return found


def csv(folder: Path, header: str, rows: list[str]) -> Path:
    path = folder / "export.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def jsonl(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "export.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_items_without_titles(tmp_path: Path) -> None:
    """Personalize."""
    rows = [f"B{n},{n}.5,Home,{KIND[n % 3]},A {KIND[n % 3]} of the kind {n},{1699000000 + n}" for n in N]
    path = csv(tmp_path, "ITEM_ID,PRICE,CATEGORY_L1,CATEGORY_L2,PRODUCT_DESCRIPTION,CREATION_TIMESTAMP", rows)
    assert fields_of(path) == {
        "product_id": "ITEM_ID",
        "title": "PRODUCT_DESCRIPTION",
        "price": "PRICE",
        "category": ["CATEGORY_L1", "CATEGORY_L2"],
        "created_at": "CREATION_TIMESTAMP",
    }


def test_several_categories_a_level(tmp_path: Path) -> None:
    """Personalize."""
    rows = [f"B{n},{KIND[n % 3]} number {n},Home|Gifts,{KIND[n % 3]}|For him" for n in N]
    found = fields_of(csv(tmp_path, "ITEM_ID,TITLE,CATEGORY_L1,CATEGORY_L2", rows))
    assert found["category"] == {"columns": ["CATEGORY_L1", "CATEGORY_L2"], "extract": "^[^|]+"}


def test_levels_that_repeat_those_above(tmp_path: Path) -> None:
    """Algolia: not every product has the deepest level."""
    path = [["Home", f"Home > {KIND[n % 3]}", f"Home > {KIND[n % 3]} > Sale {n % 2}"][: n % 3 + 1] for n in N]
    rows = [
        {
            "objectID": f"A{n}",
            "name": f"{KIND[n % 3]} number {n}",
            "hierarchicalCategories": {f"lvl{level}": steps for level, steps in enumerate(path[n])},
        }
        for n in N
    ]
    assert fields_of(jsonl(tmp_path, rows)) == {
        "product_id": "objectID",
        "title": "name",
        "category": {
            "column": "hierarchicalCategories.lvl2",
            "else": ["hierarchicalCategories.lvl1", "hierarchicalCategories.lvl0"],
            "split": ">",
        },
    }


def test_numbered_paths_that_do_not_repeat_each_other_are_alternatives(tmp_path: Path) -> None:
    rows = [f"B{n},{KIND[n % 3]} number {n},Home > {KIND[n % 3]},Gifts > Men" for n in N]
    found = fields_of(csv(tmp_path, "id,title,category_1,category_2", rows))
    assert found["category"] == {"column": "category_1", "split": ">"}


def test_insights(tmp_path: Path) -> None:
    """Algolia: few products, many events."""
    rows = [f"u{n % 7},2026-01-{n % 28 + 1:02}T10:15:30Z,A{n % 11},{['view', 'click', 'conversion'][n % 3]},Any" for n in N]
    path = csv(tmp_path, "userToken,timestamp,objectID,eventType,eventName", rows)
    assert fields_of(path, "events") == {
        "type": {"column": "eventType", "values": {"click": "view", "conversion": "purchase"}},
        "product_id": "objectID",
        "user_id": "userToken",
        "timestamp": "timestamp",
    }


def test_hidden_items(tmp_path: Path) -> None:
    """Gorse."""
    rows = [
        {
            "ItemId": f"g{n}",
            "IsHidden": n % 9 == 8,
            "Categories": ["Home", KIND[n % 3]],
            "Timestamp": "2026-01-02T10:15:30Z",
            "Comment": f"{KIND[n % 3]} number {n}",
        }
        for n in N
    ]
    assert fields_of(jsonl(tmp_path, rows)) == {
        "product_id": "ItemId",
        "title": "Comment",
        "category": "Categories",
        "in_stock": {
            "column": "IsHidden",
            "case": "lower",
            "values": {"true": "no", "false": "yes", "1": "no", "0": "yes"},
        },
        "created_at": "Timestamp",
    }


@pytest.mark.parametrize(("kinds", "known"), [(["read", "star"], {"read": "view"}), (["star", "like"], {})])
def test_feedback_of_unknown_kinds_is_no_purchase(tmp_path: Path, kinds: list[str], known: dict[str, str]) -> None:
    """Gorse."""
    rows = [f"{kinds[n % 2]},u{n % 7},g{n % 11},2026-01-{n % 28 + 1:02}T10:15:30Z" for n in N]
    found = fields_of(csv(tmp_path, "feedback_type,user_id,item_id,time_stamp", rows), "events")
    assert found["type"] == {"column": "feedback_type", "values": known}
    assert (found["product_id"], found["user_id"], found["timestamp"]) == ("item_id", "user_id", "time_stamp")


def test_the_type_of_a_sale_is_no_kind_of_event(tmp_path: Path) -> None:
    rows = [f"{['store', 'online'][n % 2]},u{n % 7},g{n % 11},2026-01-{n % 28 + 1:02}" for n in N]
    assert fields_of(csv(tmp_path, "type,user_id,item_id,date", rows), "events")["type"] == {"constant": "purchase"}


def test_an_events_own_id_is_no_product(tmp_path: Path) -> None:
    """Metarank."""
    rows = [
        {"id": f"e{n}", "timestamp": str(1767600000000 + n), "user": f"u{n % 7}", "type": "click", "item": f"m{n % 11}"}
        for n in N
    ]
    assert fields_of(jsonl(tmp_path, rows), "events")["product_id"] == "item"
