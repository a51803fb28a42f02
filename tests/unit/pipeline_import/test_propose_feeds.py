"""Maps proposed for the exports of shop systems and for the feeds they send to marketplaces."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from shelfwise_pipeline.importing.columns import MENDED
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.convert import Converter
from shelfwise_pipeline.importing.mapping.evidence import Evidence
from shelfwise_pipeline.importing.mapping.going_on import GoingOn
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.mapping.propose import propose
from shelfwise_pipeline.importing.mapping.truths import truth
from shelfwise_pipeline.importing.report import ImportReport, Kind

N = range(60)
KIND = ["Watch", "Socks", "Mug"]


def proposed(folder: Path, header: str, rows: list[str], delimiter: str = ",", kind: Kind = "products") -> dict[str, Any]:
    path = folder / "export.csv"
    path.write_text("\n".join([header, *rows]).replace("\t", delimiter) + "\n", "utf-8")
    found: dict[str, Any] = yaml.safe_load(propose(kind, SourceFile.open(path)))
    return found


def test_a_map_is_proposed_for_a_merchant_feed(tmp_path: Path) -> None:
    header = (
        "id\ttitle\tlink\timage_link\tavailability\tprice\tsale_price\tgtin\tgoogle_product_category\tproduct_type\t"
        "item_group_id"
    )
    rows = [
        f"T{n}\t{KIND[n % 3]} number {n}\thttps://e.example/{n}\thttps://e.example/{n}.jpg\t"
        f"{['in_stock', 'out of stock', 'preorder'][n % 3]}\t{n + 9}.00 EUR\t{f'{n}.50 EUR' if n % 4 == 1 else ''}\t"
        f"{'' if n % 9 == 3 else 4006381333900 + n}\tApparel & Accessories > Jewelry > {KIND[n % 2]}\t"
        f"Home > {['Men', 'Women'][n % 2]} > {KIND[n % 3]}\tG{n // 2}"
        for n in N
    ]
    found = proposed(tmp_path, header, rows, "\t")
    assert found["fields"] == {
        "product_id": "id",
        "title": "title",
        "price": {"column": "sale_price", "else": "price"},
        "currency": {"column": "sale_price", "else": "price", "extract": r"\b[A-Z]{3}\b"},
        "image_url": "image_link",
        "in_stock": "availability",
        "variant_group": "item_group_id",
        "category": {"column": "product_type", "split": ">"},
    }
    assert "attributes" not in found


SHOPIFY = "Handle\tTitle\tVendor\tProduct Category\tType\tTags\tVariant SKU\tVariant Price\tImage Src"


def of_shopify(with_ids: bool) -> list[str]:
    """Twenty shirts of three sizes, each with a further image; only a shirt's first row has its shared fields."""
    said = [
        f"Shirt number {n}\t{['Acme', 'Best'][n % 2]}\tApparel > Clothing\t{KIND[n % 3]}\t{['warm', 'cool'][n % 2]}"
        for n in range(20)
    ]
    return [
        f"shirt-{n}\t{said[n] if row == 0 else 4 * chr(9)}\t{f'S-{n}-{row}' if with_ids and row < 3 else ''}\t"
        f"{f'{n + row}.00' if row < 3 else ''}\t{f'https://cdn.example/{n}-{row}.jpg' if row in (0, 3) else ''}"
        for n in range(20)
        for row in range(4)
    ]


def test_variants_that_say_only_what_differs_are_filled_from_the_row_before(tmp_path: Path) -> None:
    found = proposed(tmp_path, SHOPIFY, of_shopify(with_ids=True))
    assert found == {
        "kind": "products",
        "fill": {"by": "Handle", "columns": ["Title", "Vendor", "Image Src", "Product Category", "Type", "Tags"]},
        "refuse": [{"column": "Variant SKU", "empty": True, "reason": "not a variant: it has no Variant SKU"}],
        "fields": {
            "product_id": "Variant SKU",
            "title": "Title",
            "brand": "Vendor",
            "price": "Variant Price",
            "image_url": "Image Src",
            "category": {"columns": ["Product Category", "Type"], "split": ">"},
            "variant_group": "Handle",
        },
        "attributes": {"tags": "Tags"},
    }
    path = tmp_path / "export.csv"
    rows = pl.concat(
        Converter("products", ColumnMap.model_validate(found), SourceFile.open(path)).frames(ImportReport("products"))
    )
    assert rows.height == 60
    assert rows.row(4, named=True) == {
        "line": 7,
        MENDED: False,
        "product_id": "S-1-1",
        "title": "Shirt number 1",
        "brand": "Best",
        "category": ["Apparel", "Clothing", "Socks"],
        "price": 2.0,
        "image_url": "https://cdn.example/1-0.jpg",
        "variant_group": "shirt-1",
        "attributes": '{"tags": "cool"}',
    }


def test_variants_without_ids_are_one_product(tmp_path: Path) -> None:
    found = proposed(tmp_path, SHOPIFY, of_shopify(with_ids=False))
    assert (found["one_per"], found["fields"]["product_id"], found["fields"]["title"]) == ("Handle", "Handle", "Title")
    assert not found.keys() & {"fill", "refuse", "attributes"}


def test_variants_that_all_have_ids_need_no_refusal(tmp_path: Path) -> None:
    rows = [row for place, row in enumerate(of_shopify(with_ids=True)) if place % 4 < 3]
    found = proposed(tmp_path, SHOPIFY, rows)
    assert (found["fields"]["product_id"], found["fields"]["variant_group"]) == ("Variant SKU", "Handle")
    assert "refuse" not in found


def test_rows_whose_only_id_is_their_products_are_one_product(tmp_path: Path) -> None:
    rows = ["\t".join(row.split("\t")[:6] + row.split("\t")[7:]) for row in of_shopify(with_ids=False)]
    found = proposed(tmp_path, SHOPIFY.replace("\tVariant SKU", "").replace("Handle", "Product ID"), rows)
    assert (found["one_per"], found["fields"]["product_id"]) == ("Product ID", "Product ID")
    assert "variant_group" not in found["fields"]


@pytest.mark.parametrize(
    ("titles", "others", "by"),
    [
        (["A", None, None, "B", None, None], {"handle": ["a", "a", "a", "b", "b", "b"]}, "handle"),
        (["A", "A", "A", "B", "B", "B"], {"handle": ["a", "a", "a", "b", "b", "b"]}, None),
        ([f"Mug {n}" for n in N], {"price": [str(max(n, 1)) for n in N]}, None),  # every row has a title; few prices repeat
        ([f"Mug {n}" if n % 3 else None for n in N], {"id": [str(n) for n in N]}, None),  # titles are missing, not left out
        ([f"Mug {n}" if n % 30 == 0 else None for n in N], {"handle": [str(n // 30) for n in N]}, "handle"),
    ],
)
def test_rows_go_on_if_they_lack_titles_and_a_full_column_says_whose_they_are(
    titles: list[str | None], others: dict[str, list[str]], by: str | None
) -> None:
    columns = {"title": Evidence(pl.Series(titles))} | {name: Evidence(pl.Series(values)) for name, values in others.items()}
    found = GoingOn.found(columns, "title")
    assert (found.by if found else None) == by
    assert GoingOn.found(columns, None) is None


def test_the_type_of_a_row_is_not_proposed_as_its_category(tmp_path: Path) -> None:
    """WooCommerce: several paths, several images, and a price to pay only for what is on sale."""
    header = "ID\tType\tSKU\tName\tIn stock?\tSale price\tRegular price\tCategories\tImages\tParent"
    rows = [
        f"{n}\t{['simple', 'variable', 'variation'][n % 3]}\t{f'woo-{n}' if n % 5 else ''}\t{KIND[n % 3]} number {n}\t{n % 2}\t"
        f'{n + 1 if n % 4 == 0 else ""}\t{n + 2}\t"Clothing > {KIND[n % 3]}, Sale > {KIND[n % 2]}"\t'
        f'"https://e.example/{n}.jpg, https://e.example/{n}b.jpg"\t{f"id:{n - 1}" if n % 3 == 2 else ""}'
        for n in N
    ]
    assert proposed(tmp_path, header, rows)["fields"] == {
        "product_id": "ID",
        "title": "Name",
        "price": {"column": "Sale price", "else": "Regular price"},
        "image_url": {"column": "Images", "extract": r"^https?://[^\s,;|]+"},
        "in_stock": "In stock?",
        "variant_group": "Parent",
        "category": {"column": "Categories", "extract": "[^,]+$", "split": ">"},
    }


def test_category_paths_below_a_root_are_proposed_to_be_split(tmp_path: Path) -> None:
    """Magento: several paths, each below a root category."""
    header = "sku\tproduct_type\tcategories\tname\tprice\tspecial_price\tis_in_stock"
    rows = [
        f'M{n}\t{["simple", "configurable"][n % 2]}\t"Default/Gear,Default/Gear/{KIND[n % 3]}"\t{KIND[n % 3]} number {n}\t'
        f"{n + 5}\t{n + 1 if n % 6 == 0 else ''}\t{n % 2}"
        for n in N
    ]
    found = proposed(tmp_path, header, rows)["fields"]
    assert found["category"] == {"column": "categories", "extract": "[^,]+$", "split": "/"}
    assert found["price"] == {"column": "special_price", "else": "price"}
    assert found["in_stock"] == "is_in_stock"


def test_a_selling_price_is_preferred_to_discount_and_list_prices(tmp_path: Path) -> None:
    rows = [f"{n}\t{KIND[n % 3]} number {n}\t{n + 1}\t{n}\t{n + 2}" for n in N]
    found = proposed(tmp_path, "sku\tname\tselling_price\tdiscount_price\tmrp", rows)
    assert found["fields"]["price"] == "selling_price"


def test_a_map_is_proposed_for_an_export_of_orders(tmp_path: Path) -> None:
    header = (
        "Name\tEmail\tSubtotal\tShipping\tTotal\tCreated at\tLineitem quantity\tLineitem name\tLineitem price\tLineitem sku\tId"
    )
    rows = [
        f"#{n // 2}\tp{n % 7}@e.example\t{f'{n}.00' if n % 2 == 0 else ''}\t{'5.00' if n % 2 == 0 else ''}\t"
        f"{f'{n + 5}.00' if n % 2 == 0 else ''}\t2026-01-{n % 28 + 1:02} 10:15:30 -0500\t{n % 3 + 1}\t{KIND[n % 3]}\t{n}.00\t"
        f"S-{n % 11}\t{450789 + n if n % 2 == 0 else ''}"
        for n in N
    ]
    assert proposed(tmp_path, header, rows, kind="events")["fields"] == {
        "product_id": "Lineitem sku",
        "user_id": "Email",
        "timestamp": "Created at",
        "quantity": "Lineitem quantity",
        "value": {"multiply": ["Lineitem quantity", "Lineitem price"]},
        "type": {"constant": "purchase"},
    }


@pytest.mark.parametrize(
    ("written", "is_proposed"),
    [("e-{0}", True), ("order {0}", True), ("e-{1}", False), ("seen by shopper {0}", False), ("{0:065}", False)],
)
def test_an_events_id_is_proposed_if_it_is_short_and_never_repeats(tmp_path: Path, written: str, is_proposed: bool) -> None:
    rows = [f"{written.format(n, n // 2)}\tview\t2026-01-01 10:00:{n:02}\tu{n % 7}\tS-{n % 11}" for n in N]
    found = proposed(tmp_path, "event_id\tevent\ttime\tuser_id\tproduct_id", rows, kind="events")["fields"]
    assert ("event_id" in found) == is_proposed


def test_event_types_of_web_analytics_are_mapped_to_ours(tmp_path: Path) -> None:
    kinds = ["view_item", "view_item_list", "add_to_cart", "purchase", "page_view"]
    rows = [f"{kinds[n % 5]}\t{1767600000000000 + n}\t{n % 7}.45\tS-{n % 11}" for n in N]
    found = proposed(tmp_path, "event_name\tevent_timestamp\tuser_pseudo_id\titem_id", rows, kind="events")
    assert found["fields"]["type"] == {"column": "event_name", "values": {"view_item": "view", "view_item_list": "impression"}}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("in_stock", True),
        ("In Stock", True),
        ("preorder", True),
        ("onbackorder", True),
        ("available for order", True),
        ("https://schema.org/InStock", True),
        ("http://schema.org/OutOfStock", False),
        ("out-of-stock", False),
        ("sold_out", False),
        ("-3", False),
        ("soon", None),
    ],
)
def test_availability_is_read_as_feeds_write_it(written: str, meant: bool | None) -> None:
    assert pl.select(truth(pl.lit(written)).alias("read"))["read"].to_list() == [meant]
