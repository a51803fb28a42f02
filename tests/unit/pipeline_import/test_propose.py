"""A proposed map fits the file it was made from, and leaves out what it cannot know."""

import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml

from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.names import likeness, normal
from shelfwise_pipeline.importing.mapping.propose import propose
from shelfwise_pipeline.importing.mapping.reading import fits, read_map
from shelfwise_pipeline.importing.report import Kind

PRODUCTS = (
    "articleNo,productDisplayName,masterCategory,subCategory,discount_price,img,ratings,no_of_ratings,colour,buyer_id\n"
    + "".join(
        f'A{n},Comb of {["pine", "oak", "elm"][n % 3]} number {n},Beauty,{"Hair" if n % 2 else "Skin"},"₹1,{n:03}",'
        f"https://shop.example/{n}.jpg,4.{n % 10},{n * 7},{'red' if n % 3 else 'blue'},{n % 5}\n"
        for n in range(100)
    )
)
SALES = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n" + "".join(
    f"{n // 3},{n % 7},Comb {'abcdefg'[n % 7]},2,{n % 28 + 1}/2/2024 10:15,3.5,{n % 11}\n" for n in range(100)
)
CLICKS = "visitorid,event,itemid,timestamp\n" + "".join(
    f"{n % 9},{'view' if n % 3 else 'addtocart'},{n % 13},{1433221332117 + n}\n" for n in range(60)
)
GRADED = "search_term,product_uid,relevance\n" + "".join(f"soap {n % 30},{n},{1 + n % 9 / 4}\n" for n in range(60))
LABELLED = "query,asin,esci_label\n" + "".join(f"soap {n % 30},{n},{'ESCI'[n % 4]}\n" for n in range(60))
GAINS = "query,asin,gain\n" + "".join(f"soap {n % 30},{n},{(100, 10, 1, 0)[n % 4]}.0\n" for n in range(60))


def proposed(folder: Path, kind: Kind, text: str) -> dict[str, Any]:
    path = folder / "shop.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found: dict[str, Any] = yaml.safe_load(propose(kind, SourceFile.open(path)))
    return found


def test_a_map_is_proposed_for_products(tmp_path: Path) -> None:
    assert proposed(tmp_path, "products", PRODUCTS) == {
        "kind": "products",
        "fields": {
            "product_id": "articleNo",
            "title": "productDisplayName",
            "price": "discount_price",
            "image_url": "img",
            "rating": "ratings",
            "rating_count": "no_of_ratings",
            "category": ["masterCategory", "subCategory"],
        },
        "attributes": {"colour": "colour"},
    }


@pytest.mark.parametrize(
    ("brand", "category"),
    [
        ("टाटा", "किराना"),  # no two letters in a row: vowels are marks
        ("無印良品", "本"),
    ],
)
def test_titles_and_brands_are_found_in_any_script(tmp_path: Path, brand: str, category: str) -> None:
    rows = "".join(f"A{n},{brand} {n},{brand},{category}\n" for n in range(60))
    assert proposed(tmp_path, "products", f"sku,title,brand,category\n{rows}")["fields"] == {
        "product_id": "sku",
        "title": "title",
        "brand": "brand",
        "category": "category",
    }


def test_a_decimal_comma_is_proposed_where_the_values_prove_one(tmp_path: Path) -> None:
    head, rows = "sku;name;price\n", [f"A{n};Comb number {n} of oak;{price}\n" for n, price in enumerate(["1.299", "12"] * 20)]
    assert proposed(tmp_path, "products", head + "".join(rows))["fields"]["price"] == "price"
    rows.append("B1;Comb of pine;49,90\n")
    assert proposed(tmp_path, "products", head + "".join(rows))["fields"]["price"] == {"column": "price", "decimal": ","}
    rows.append("B2;Comb of elm;4.5\n")
    assert proposed(tmp_path, "products", head + "".join(rows))["fields"]["price"] == "price"


def test_products_are_proposed_from_sales_lines(tmp_path: Path) -> None:
    found = proposed(tmp_path, "products", SALES)
    assert found["one_per"] == "StockCode"
    assert found["fields"] == {"product_id": "StockCode", "title": "Description", "price": "UnitPrice"}


def test_a_map_is_proposed_for_sales(tmp_path: Path) -> None:
    assert proposed(tmp_path, "events", SALES)["fields"] == {
        "type": {"constant": "purchase"},
        "product_id": "StockCode",
        "user_id": "CustomerID",
        "session_id": "InvoiceNo",
        "timestamp": {"column": "InvoiceDate", "formats": ["%d/%m/%Y %H:%M"]},
        "quantity": "Quantity",
        "value": {"multiply": ["Quantity", "UnitPrice"]},
    }


def test_a_map_is_proposed_for_clicks(tmp_path: Path) -> None:
    assert proposed(tmp_path, "events", CLICKS)["fields"] == {
        "type": {"column": "event", "values": {"addtocart": "add_to_cart"}},
        "product_id": "itemid",
        "user_id": "visitorid",
        "timestamp": "timestamp",
    }


def test_event_types_are_found_whatever_their_column_is_called(tmp_path: Path) -> None:
    found = proposed(tmp_path, "events", CLICKS.replace("event", "what"))
    assert found["fields"]["type"] == {"column": "what", "values": {"addtocart": "add_to_cart"}}


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        (GRADED, {"column": "relevance", "scale": [1.0, 3.0]}),
        (LABELLED, {"column": "esci_label", "values": {"E": 3, "S": 2, "C": 1, "I": 0}}),
        (GAINS, {"column": "gain", "values": {"100": 3, "10": 2, "1": 1, "0": 0}}),
    ],
)
def test_grades_of_judgements_are_proposed_with_a_scale_or_values(tmp_path: Path, text: str, grade: dict[str, Any]) -> None:
    assert proposed(tmp_path, "judgements", text)["fields"]["grade"] == grade


@pytest.mark.parametrize(
    ("kind", "text"),
    [("products", PRODUCTS), ("products", SALES), ("events", SALES), ("events", CLICKS), ("judgements", GRADED)],
)
def test_a_proposal_can_be_used_as_it_is(tmp_path: Path, kind: Kind, text: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(text, "utf-8")
    file = SourceFile.open(path)
    fits(kind, read_map(kind, None, begun=propose(kind, file)), file)


def test_a_single_column_of_paths_is_split(tmp_path: Path) -> None:
    text = "sku,title,category\n" + "".join(f"{n},Comb {n} of oak,Beauty > {'Hair' if n % 2 else 'Skin'}\n" for n in range(60))
    assert proposed(tmp_path, "products", text)["fields"]["category"] == {"column": "category", "split": ">"}


def test_a_required_field_that_no_column_resembles_is_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("user_id,product_id\n1,2\n", "utf-8")
    text = propose("events", SourceFile.open(path))
    assert "# timestamp: COLUMN" in text
    assert "timestamp" not in yaml.safe_load(text)["fields"]


def test_unused_columns_are_listed_in_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("sku,title,Größe,id\n" + "".join(f"A{n},Comb {n} of oak,{'SL'[n % 2]},{n}\n" for n in range(60)), "utf-8")
    # `id` is a part of `product_id`, and yet the map does not use the column.
    assert propose("products", SourceFile.open(path)).splitlines()[-1] == "# not used: id"


def test_attribute_names_keep_the_letters_of_their_columns(tmp_path: Path) -> None:
    text = "sku,title,Größe,цвет,размер\n" + "".join(f"A{n},Comb {n} of oak,{n % 2},{n % 3},{n % 4}\n" for n in range(60))
    assert proposed(tmp_path, "products", text)["attributes"] == {"größe": "Größe", "цвет": "цвет", "размер": "размер"}


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        (("order_total",), None),
        (("grand_total", "invoiceAmount", "cart_value"), None),
        (("order_total", "unit_price"), {"multiply": ["qty", "unit_price"]}),
        (("total", "unit_price"), {"multiply": ["qty", "unit_price"]}),
        (("total",), "total"),
        (("line_total", "unit_price"), "line_total"),
    ],
)
def test_an_orders_total_is_not_proposed_as_a_lines_value(tmp_path: Path, columns: tuple[str, ...], value: Any) -> None:
    head = ",".join(("order_id", "sku", "customer_id", "date", "qty", *columns))
    lines = (
        f"{n // 3},{n % 7},{n % 11},2024-01-{n % 28 + 1:02},{n % 4 + 1},{','.join(f'{n % 9}.5' for _ in columns)}"
        for n in range(60)
    )
    assert proposed(tmp_path, "events", "\n".join([head, *lines]))["fields"].get("value") == value


def test_ids_and_titles_are_found_by_their_values(tmp_path: Path) -> None:
    text = "a,b,c\n" + "".join(f"{'x' * (n % 3)}y,K{n},Wooden comb of kind {n}\n" for n in range(60))
    assert proposed(tmp_path, "products", text)["fields"] == {"product_id": "b", "title": "c"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "pretty.json",
            '{\n  "sku": "1",\n  "name": "Comb"\n}',
            "found none that can be read; line 1: not a JSON object on one",
        ),
        (
            "wide.csv",
            "sku,name\n1,Comb,2\n2,Brush,3\n",
            "found none that can be read; line 2: not as many fields as the header",
        ),
        ("sunday.csv", "sku,name\n", "found none; check the export, or name a map with --map"),
    ],
)
def test_the_error_for_a_file_without_readable_rows_says_what_it_has(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FileUnreadable, match=said):
        propose("products", SourceFile.open(tmp_path / name))


def test_column_names_are_normalized_and_compared() -> None:
    assert [normal(name) for name in ("productDisplayName", "InvoiceNo", "Customer-ID", " unit price ")] == [
        "product_display_name", "invoice_no", "customer_id", "unit_price",
    ]  # fmt: skip
    assert likeness("Stock_Code", ("sku", "stock_code")) > likeness("main_stock_code", ("stock_code",)) > 0
    assert likeness("colour", ("sku", "stock_code")) == 0
