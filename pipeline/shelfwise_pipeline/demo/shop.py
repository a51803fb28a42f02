"""The demo shop in the canonical columns.

How they are made from the tills' tables:

- **title**: a readable product type and the package size. The data are anonymised: they name no product, and instead of
  brands they have 'Private' (the chain's own) or 'National' with a maker's number. So the brand is 'Store Brand' or
  'Maker 2286', and is not in the title; 92,331 products share about 17,500 texts.
- **price**: the median shelf price of one piece in USD, (sales_value + retail_disc + coupon_match_disc) / quantity:
  what the shop received, plus the deductions of the loyalty card and of the shop's share of coupons. Null if never
  sold.
- **created_at**: the first sale. Null if never sold.
- **in_stock**: false for items that a till registers but a shop does not offer: coupons, deposits, gift cards, fuel,
  donations, postings of the chain's own departments, and items whose kind is unknown. They stay in the catalog, so that
  events about them find a product, but never appear in an answer about products in stock.
- **events**: one per purchase line. Lines without quantity and value are left out (discounts and voided lines, not
  purchases), and so are lines about products missing from the product table. Times have no zone; they are taken as UTC.
"""

import json

import polars as pl

from shelfwise_pipeline.demo.sizes import readable_size
from shelfwise_pipeline.demo.source import raw_products, raw_purchases
from shelfwise_pipeline.demo.titles import category_name, department_name, title, type_name
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS

NOT_OFFERED_DEPARTMENTS = ("COUPON", "FUEL", "CHARITABLE CONT", "CNTRL/STORE SUP", "GM MERCH EXP", "PROD-WHS SALES")
NOT_OFFERED_CATEGORIES = (
    "COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "COUPON", "BOTTLE DEPOSITS", "TICKETS", "FUEL",
    "MEAT SUPPLIES", "DELI SUPPLIES", "PROD SUPPLIES",
)  # fmt: skip
NOT_OFFERED_TYPES = (
    "MISC SALES TRANS", "DONATIONS", "TICKETS", "COUPON", "GASOLINE-REG UNLEADED", "CRV DEPOSIT T/NF", "CRV DEPOSIT NT/F",
    "FTD SERVICE CHARGES", "OUTGOING/INCOMING FTD", "PRODUCE DISCONTINUED ITEMS", "PEYTON/GM EXPENSE ITEMS",
)  # fmt: skip
SMALL_CATEGORIES = (
    "MAKEUP AND TREATMENT", "FRAGRANCES", "HAIR CARE ACCESSORIES", "COFFEE", "FLUID MILK PRODUCTS", "POTATOES", "BERRIES",
)  # fmt: skip
"""The small shop for tests: cosmetics and groceries, some with few buyers and some with many."""
MOST_PIECES = 100
"""With more pieces in one line, goods are metered: fuel is counted in thousandths of a gallon."""


def demo_products(*, small: bool = False) -> pl.DataFrame:
    """Return the products, with the columns of PRODUCT_COLUMNS, by product_id. The small shop has 4,283 of them."""
    raw = raw_products()
    if small:
        raw = raw.filter(pl.col("product_category").is_in(SMALL_CATEGORIES))
    sales = _purchases(raw).group_by("product_id").agg(price=_shelf_price(), created_at=pl.col("timestamp").min())
    return (
        raw.join(sales, on="product_id", how="left")
        .with_columns(pl.Series("shown", [_described(*row) for row in raw.select(_DESCRIBED).rows()], dtype=_SHOWN))
        .unnest("shown")
        .select(
            pl.col("product_id").cast(pl.String),
            "title",
            brand=pl.when(pl.col("brand") == "Private")
            .then(pl.lit("Store Brand"))
            .otherwise(pl.format("Maker {}", "manufacturer_id")),
            category="path",
            price=pl.when(_offered()).then(pl.col("price")),
            currency=pl.lit("USD"),
            in_stock=_offered(),
            attributes="attributes",
            created_at="created_at",
        )
        .select(pl.col(name) if name in _FILLED else pl.lit(None, dtype).alias(name) for name, dtype in PRODUCT_COLUMNS.items())
        .cast(PRODUCT_COLUMNS)
        .sort("product_id")
    )


def demo_events(*, small: bool = False) -> pl.DataFrame:
    """Return the purchases, with the columns of EVENT_COLUMNS, in the order of time; of the small shop's products if
    `small`."""
    raw = raw_products()
    if small:
        raw = raw.filter(pl.col("product_category").is_in(SMALL_CATEGORIES))
    running = pl.int_range(pl.len()).over("basket_id", "product_id")
    return (
        _purchases(raw)
        .select(
            event_id=pl.format("{}-{}-{}", "basket_id", "product_id", running),
            type=pl.lit("purchase"),
            product_id=pl.col("product_id").cast(pl.String),
            user_id=pl.col("household_id").cast(pl.String),
            session_id=pl.col("basket_id").cast(pl.String),
            timestamp="timestamp",
            quantity=pl.when(_metered()).then(1).otherwise(pl.max_horizontal("quantity", 1)).cast(pl.Int32),
            value=pl.col("sales_value").round(2),
            request_id=pl.lit(None, EVENT_COLUMNS["request_id"]),
            position=pl.lit(None, EVENT_COLUMNS["position"]),
        )
        .sort("timestamp", "event_id")
    )


def _purchases(products: pl.DataFrame) -> pl.DataFrame:
    """Return the raw lines that are purchases of these products, in the order of the file, with `timestamp` in UTC."""
    return (
        raw_purchases()
        .filter((pl.col("quantity") > 0) | (pl.col("sales_value") > 0))
        .join(products.select("product_id"), on="product_id", how="semi", maintain_order="left")
        .with_columns(timestamp=pl.col("transaction_timestamp").dt.cast_time_unit("us").dt.replace_time_zone("UTC"))
    )


def _metered() -> pl.Expr:
    return pl.col("quantity") > MOST_PIECES


def _shelf_price() -> pl.Expr:
    paid = (pl.col("sales_value") + pl.col("retail_disc") + pl.col("coupon_match_disc")) / pl.col("quantity")
    return paid.filter((pl.col("quantity") > 0) & ~_metered() & (paid > 0)).median().round(2)


def _offered() -> pl.Expr:
    known = pl.col("product_category").is_not_null() | pl.col("product_type").is_not_null()
    return (
        known
        & ~pl.col("department").is_in(NOT_OFFERED_DEPARTMENTS)
        & ~pl.col("product_category").is_in(NOT_OFFERED_CATEGORIES).fill_null(False)
        & ~pl.col("product_type").is_in(NOT_OFFERED_TYPES).fill_null(False)
    )


_DESCRIBED = ("department", "product_category", "product_type", "package_size", "brand")
_SHOWN = pl.Struct({"title": pl.String(), "path": pl.List(pl.String()), "attributes": pl.String()})
_FILLED = ("product_id", "title", "brand", "category", "price", "currency", "in_stock", "attributes", "created_at")


def _described(department: str, category: str | None, kind: str | None, size: str | None, label: str) -> dict[str, object]:
    """Return title, path and attributes of one product. Unknown values are not made up."""
    path = [department_name(department)]
    if category is not None:
        path.append(category_name(category))
    if kind is not None:
        path.append(type_name(category, kind))
    name = path[-1] if len(path) > 1 else f"{path[0]} Item"
    shown_size = readable_size(size)
    attributes = {"label": "store brand" if label == "Private" else "national brand"}
    if shown_size:
        attributes["size"] = shown_size
    return {
        "title": title(name, shown_size),
        "path": list(dict.fromkeys(path)),
        "attributes": json.dumps(attributes, sort_keys=True),
    }
