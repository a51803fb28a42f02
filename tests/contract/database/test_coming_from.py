"""What docs/coming-from.md tells to run, on small files in the formats of the other systems."""

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from typer.testing import CliRunner

from shelfwise_pipeline.cli.importing import import_files
from shelfwise_pipeline.importing import read_events, read_products

PAGE = (Path(__file__).parents[3] / "docs" / "coming-from.md").read_text("utf-8")
N = 60
BEGIN = 1767600000
"""Seconds since 1970."""
KINDS = ("Watch", "Socks", "Mug")
PLACES = ("Home", "Sports")

Made = Callable[[Path], None]
Product = Mapping[str, Any]


def table(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def moment(n: int) -> str:
    return datetime.fromtimestamp(BEGIN + n, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def personalize(folder: Path) -> None:
    items = [
        (f"B{n}", n + 0.5, f"{PLACES[n % 2]}|Gifts", f"{KINDS[n % 3]}|New", f"A {KINDS[n % 3]} of kind {n}") for n in range(N)
    ]
    header = "ITEM_ID,PRICE,CATEGORY_L1,CATEGORY_L2,PRODUCT_DESCRIPTION,CREATION_TIMESTAMP"
    table(folder / "items.csv", header, ((*item, BEGIN) for item in items))
    kinds = ("View", "AddToCart", "Purchase", "StartCheckout")
    rows = [(f"u{n % 7}", f"B{n % 11}", BEGIN + n, kinds[n % 4], 9.5 if n % 4 == 2 else "", "B1|B2|B3") for n in range(N)]
    table(folder / "interactions.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION", rows)


def algolia(folder: Path) -> None:
    paths = [[PLACES[n % 2], f"{PLACES[n % 2]} > {KINDS[n % 3]}", f"{PLACES[n % 2]} > {KINDS[n % 3]} > Sale"] for n in range(N)]
    records = [
        {
            "objectID": f"B{n}",
            "name": f"{KINDS[n % 3]} number {n}",
            "brand": ["Acme", "Best"][n % 2],
            "hierarchicalCategories": {f"lvl{level}": path for level, path in enumerate(paths[n][: 3 - n % 3])},
            "price": n + 0.5,
            "image": f"https://cdn.example/{n}.jpg",
            "popularity": 20000 + n,
            "rating": n % 5 + 1,
        }
        for n in range(N)
    ]
    (folder / "records.json").write_text(json.dumps(records, indent=1), "utf-8")
    told = (("click", "Product Viewed"), ("conversion", "Product Added To Cart"), ("conversion", "Product Purchased"))
    events = [(f"u{n % 7}", moment(n), f"B{n % 11}", *told[n % 3]) for n in range(N)]
    table(folder / "events.csv", "userToken,timestamp,objectID,eventType,eventName", events)


def gorse(folder: Path) -> None:
    items = [
        {
            "ItemId": f"B{n}",
            "IsHidden": n % 9 == 8,
            "Categories": [PLACES[n % 2], KINDS[n % 3]],
            "Timestamp": moment(0),
            "Labels": {"brand": ["Acme", "Best"][n % 2], "colour": ["red", "blue"][n % 2]},
            "Comment": f"{KINDS[n % 3]} number {n}",
        }
        for n in range(N)
    ]
    lines(folder / "items.jsonl", items)
    feedback = [
        {
            "FeedbackType": ["read", "like", "star"][n % 3],
            "UserId": f"u{n % 7}",
            "ItemId": f"B{n % 11}",
            "Value": 1,
            "Timestamp": moment(n),
            "Updated": moment(n),
            "Labels": None,
            "Comment": "",
        }
        for n in range(N)
    ]
    lines(folder / "feedback.jsonl", feedback)


def metarank(folder: Path) -> None:
    def event(kind: str, n: int, **more: Any) -> dict[str, Any]:
        return {"event": kind, "id": f"{kind}-{n}", "timestamp": str((BEGIN + n) * 1000), "fields": [], **more}

    def fields(**values: Any) -> list[dict[str, Any]]:
        return [{"name": name, "value": value} for name, value in values.items()]

    first = [
        event("item", n, item=f"B{n}", fields=fields(title=f"{KINDS[n % 3]} number {n}", price=1.5, category=[PLACES[n % 2]]))
        for n in range(N)
    ]
    priced = [event("item", N + n, item=f"B{n}", fields=fields(price=n + 0.5)) for n in range(N)]
    shown = [event("ranking", n, user=f"u{n % 7}", session=f"s{n}", items=[{"id": f"B{n % 11}"}]) for n in range(N)]
    done = [
        event(
            "interaction",
            n,
            ranking=f"ranking-{n}",
            user=f"u{n % 7}",
            session=f"s{n}",
            type=["click", "cart", "purchase"][n % 3],
            item=f"B{n % 11}",
        )
        for n in range(N)
    ]
    lines(folder / "events.jsonl", [*first, event("user", 0, user="u1"), *priced, *shown, *done])


CASES: dict[str, tuple[Made, Product, dict[str, int]]] = {
    "Amazon Personalize": (
        personalize,
        {
            "title": "A Mug of kind 5",
            "category": ["Sports", "Mug"],
            "price": 5.5,
            "created_at": datetime.fromtimestamp(BEGIN, UTC),
        },
        {"view": 15, "add_to_cart": 15, "purchase": 15},
    ),
    "Algolia": (
        algolia,
        {"title": "Mug number 5", "category": ["Sports"], "price": 5.5, "brand": "Best", "rating": 1.0},
        {"view": 20, "add_to_cart": 20, "purchase": 20},
    ),
    "gorse": (
        gorse,
        {
            "title": "Mug number 5",
            "category": ["Sports", "Mug"],
            "brand": "Best",
            "created_at": datetime.fromtimestamp(BEGIN, UTC),
        },
        {"view": 20, "add_to_cart": 40},
    ),
    "metarank": (
        metarank,
        {"title": "Mug number 5", "category": ["Sports"], "price": 5.5, "created_at": datetime.fromtimestamp(BEGIN + 5, UTC)},
        {"view": 20, "add_to_cart": 20, "purchase": 20},
    ),
}


def told(section: str, language: str) -> str:
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return "".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def commands(shell: str) -> list[list[str]]:
    """The arguments of each command; one of them may go on over lines, after a backslash or inside quotes."""
    found: list[list[str]] = []
    begun = ""
    for line in shell.splitlines():
        begun += line
        if begun.endswith("\\"):
            begun = begun.removesuffix("\\")
        elif begun.count("'") % 2 == 0:
            found.append(shlex.split(begun))
            begun = ""
        else:
            begun += "\n"
    assert begun == ""
    return found


def run(command: list[str]) -> None:
    program, *arguments = command
    if program == "shelfwise":
        app = typer.Typer()
        app.command("import")(import_files)
        app.callback()(lambda: None)
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return
    if program == "jq":
        arguments, target = arguments[:-2], Path(arguments[-1])
        target.write_bytes(subprocess.run(["jq", *arguments], check=True, capture_output=True).stdout)
        return
    assert program == "python"
    subprocess.run([sys.executable, *arguments], check=True)


@pytest.mark.parametrize("section", CASES)
def test_what_the_page_tells_to_run(
    section: str, tmp_path: Path, database: str, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, product, kinds = CASES[section]
    wanted = commands(told(section, "sh"))
    if any(command[0] == "jq" for command in wanted) and shutil.which("jq") is None:
        pytest.skip("needs jq")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made(tmp_path)
    if script := told(section, "python"):
        Path("split.py").write_text(script, "utf-8")
    for command in wanted:
        run(command)
    products = {row["product_id"]: row for row in read_products(connection).to_dicts()}
    assert len(products) == N
    assert {name: products["B5"][name] for name in product} == product
    assert {product_id for product_id, row in products.items() if not row["in_stock"]} == (
        {f"B{n}" for n in range(8, N, 9)} if section == "gorse" else set()
    )
    events = read_events(connection)
    assert dict(events["type"].value_counts().iter_rows()) == kinds
    assert set(events["product_id"]) == {f"B{n}" for n in range(11)}
    assert set(events["user_id"]) == {f"u{n}" for n in range(7)}
    assert events["timestamp"].min() == datetime.fromtimestamp(BEGIN, UTC)
    assert set(events["value"].drop_nulls()) == ({9.5} if section == "Amazon Personalize" else set())


def test_every_section_of_a_system_is_tried() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == list(CASES)
