"""What shops gave to other recommenders is proposed as it is meant."""

import json
from pathlib import Path
from typing import Any

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
