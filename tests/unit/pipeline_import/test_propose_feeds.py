"""What shop systems export, and what they send to marketplaces, is proposed as it is meant."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.propose import propose
from shelfwise_pipeline.importing.mapping.truths import truth

N = range(60)
KIND = ["Watch", "Socks", "Mug"]


def proposed(folder: Path, header: str, rows: list[str], delimiter: str = ",") -> dict[str, Any]:
    path = folder / "export.csv"
    path.write_text("\n".join([header, *rows]).replace("\t", delimiter) + "\n", "utf-8")
    found: dict[str, Any] = yaml.safe_load(propose("products", SourceFile.open(path)))
    return found


def test_a_merchant_feed(tmp_path: Path) -> None:
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


def test_further_rows_of_variants_are_no_products(tmp_path: Path) -> None:
    """Shopify: only the first row of a product has its title."""
    header = "Handle\tTitle\tVendor\tProduct Category\tType\tVariant SKU\tVariant Price\tImage Src"
    rows = [
        f"shirt-{n // 3}\t{f'Shirt number {n}' if n % 3 == 0 else ''}\t{'Acme' if n % 3 == 0 else ''}\t"
        f"{'Apparel > Clothing' if n % 3 == 0 else ''}\t{KIND[n % 2] if n % 3 == 0 else ''}\tS-{n}\t{n}.00\t"
        f"https://cdn.example/{n}.jpg"
        for n in N
    ]
    found = proposed(tmp_path, header, rows)
    assert (found["one_per"], found["fields"]["product_id"], found["fields"]["title"]) == ("Handle", "Handle", "Title")
    assert found["fields"]["category"] == {"columns": ["Product Category", "Type"], "split": ">"}


def test_what_a_row_is_is_no_category(tmp_path: Path) -> None:
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


def test_paths_below_a_root(tmp_path: Path) -> None:
    """Magento."""
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
def test_availability_as_feeds_write_it(written: str, meant: bool | None) -> None:
    assert pl.select(truth(pl.lit(written)).alias("read"))["read"].to_list() == [meant]
