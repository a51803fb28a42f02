"""The names that shops use for the canonical fields, the likeliest first; and how to compare a column's name with them."""

import re

from shelfwise_pipeline.importing.report import Kind


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BARCODES = ("gtin", "ean", "upc")
_PRODUCT_ID = _words(
    "product_id sku variant_sku lineitem_sku asin article_id item_id stock_code product_uid product_code parent_asin "
    "variant_id gtin ean upc article_no item_no product_no article_number item_number product_number object_id"
)
PRODUCT_ID = (*_PRODUCT_ID, "product", "item", "uid", "id", "index")
"""Beside an `item`, an `id` is the event's own."""
CATALOG_ID = (*(name for name in _PRODUCT_ID if name not in _BARCODES), "uid", "id", "product", "item", "index", *_BARCODES)
"""In a catalog the shop's own ids come first, because some products lack a barcode."""
USER_ID = _words(
    "user_id customer_id buyer_id visitor_id household_id client_id member_id shopper_id user customer visitor "
    "customer_email email"
)
SESSION_ID = _words(
    "session_id invoice_no invoice order_id basket_id transaction_id invoice_id cart_id order_no order_number session visit_id"
)
TIMESTAMP = _words(
    "timestamp event_time invoice_date order_date datetime created_at transaction_timestamp time_stamp purchase_date "
    "date_time event_timestamp time date ts"
)
NAMES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "products": {
        "product_id": CATALOG_ID,
        "title": _words(
            "title product_title product_name product_display_name display_name item_name name product item_title "
            "item description short_description"
        ),
        "description": _words("description product_description long_description body_html details summary body"),
        "brand": _words("brand product_brand brand_name manufacturer vendor maker"),
        "price": _words(
            "price sale_price selling_price discount_price discounted_price special_price unit_price final_price current_price "
            "market_price actual_price retail_price regular_price list_price mrp price_amount"
        ),
        "currency": _words("currency price_currency currency_code"),
        "image_url": _words("image_url image img_link image_link picture img_url thumbnail image_src img images image_urls"),
        "rating": _words("rating ratings average_rating avg_rating stars product_rating rating_value"),
        "rating_count": _words(
            "rating_count no_of_ratings ratings_count number_of_ratings num_ratings reviews_count review_count "
            "num_reviews number_of_reviews rating_number"
        ),
        "in_stock": _words("in_stock availability available stock stock_level inventory is_available stock_quantity"),
        "variant_group": _words("variant_group parent_id group_id parent_sku style_id item_group_id product_group_id parent"),
        "created_at": _words(
            "created_at creation_timestamp creation_date date_added created launch_date published_at first_seen time_stamp"
        ),
    },
    "events": {
        "event_id": _words("event_id transaction_line_id line_id row_id uuid"),
        "type": _words("event_type type event action event_name interaction behavior feedback_type"),
        "product_id": PRODUCT_ID,
        "user_id": USER_ID,
        "session_id": SESSION_ID,
        "timestamp": TIMESTAMP,
        "quantity": _words("quantity qty units count amount pieces"),
        "value": _words("value total total_price line_total sales_value revenue line_amount total_amount"),
        "request_id": _words("request_id recommendation_id"),
        "position": _words("position rank slot list_position"),
    },
    "judgements": {
        "query": _words("query search_term search_query keyword keywords query_text term q phrase"),
        "product_id": PRODUCT_ID,
        "grade": _words(
            "grade gain relevance relevance_score label esci_label rating judgement judgment score median_relevance"
        ),
    },
}
CATEGORY_WORDS = _words(
    "category categories department aisle subcategory article_type product_type type family class subclass segment "
    "taxonomy collection"
)
ROW_KINDS = frozenset(_words("simple variable variation configurable grouped bundle virtual downloadable external"))
"""Values that shop systems write for the kind of a row, in a column called type."""
TAXONOMIES = frozenset(_words("google facebook fb"))
"""First words of columns with a marketplace's categories, beside the shop's own."""
REDUCED_PRICE = _words("sale_price special_price discount_price discounted_price")
FULL_PRICE = _words("regular_price price list_price actual_price market_price mrp retail_price")
NUMBERING = _words("id no number code count quantity version index rank")
"""Last words of columns that number something and describe nothing."""
TOO_SHORT = _words("id uid index item product")
"""Names that mean nothing as a part of a longer one: buyer_id is not a product_id."""
LINE_VALUE = ("line_total", "line_amount", "line_value", "sales_value")
"""Names of a whole line's price. Other totals may be a whole order's, repeated on each of its lines."""
WHOLE_ORDER = frozenset(_words("order invoice cart basket grand"))
"""Words in the names of totals that are not a line's."""
OF_ORDERS = frozenset(_words("subtotal shipping"))
"""If such columns exist, a total is a whole order's."""
KINDS_OF_EVENTS = frozenset(_words("event_type event action event_name interaction behavior feedback_type"))
"""Names of columns that tell events apart, whatever their values: unlike a sale's `type`, which may be "store" or "online"."""
HIDDEN = ("is_hidden", "hidden")
"""Names of columns that are true for products not to be shown."""
UNIT_PRICE = ("unit_price", "price", "item_price", "sale_price", "lineitem_price")
LABELS = {
    "exact": 3,
    "e": 3,
    "substitute": 2,
    "s": 2,
    "complement": 1,
    "complementary": 1,
    "c": 1,
    "irrelevant": 0,
    "i": 0,
    "partial": 1,
}
TYPES = {
    "purchase": "purchase", "transaction": "purchase", "order": "purchase", "buy": "purchase", "sale": "purchase",
    "addtocart": "add_to_cart", "add_to_cart": "add_to_cart", "cart": "add_to_cart", "basket": "add_to_cart",
    "view": "view", "click": "view", "detail": "view", "pv": "view", "product_view": "view", "pageview": "view",
    "conversion": "purchase", "read": "view",
    "impression": "impression", "shown": "impression", "exposure": "impression",
    # Names from web analytics.
    "view_item": "view", "select_item": "view", "view_content": "view", "product_viewed": "view", "product_clicked": "view",
    "product_added": "add_to_cart", "order_completed": "purchase", "view_item_list": "impression",
    "product_list_viewed": "impression",
}  # fmt: skip


def normal(name: str) -> str:
    """Return a column's name in lower case with underscores: productDisplayName, Product-Display Name →
    product_display_name."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower()


def likeness(column: str, known: tuple[str, ...]) -> float:
    """Return how likely a column of this name is the field with these known names, from 0 to 1."""
    name = normal(column)
    if name in known:
        return 1 - known.index(name) / 100
    unspaced = [other.replace("_", "") for other in known]
    if name.replace("_", "") in unspaced:  # itemid
        return 0.99 - unspaced.index(name.replace("_", "")) / 100
    words = set(name.split("_"))
    best = [
        len(set(other.split("_"))) / len(words)
        for other in known
        if len(words) <= 4 and set(other.split("_")) < words and other not in TOO_SHORT
    ]
    return 0.6 * max(best, default=0.0)
