"""The checks on products, in the order of application."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl

from shelfwise.contracts.base import composed
from shelfwise_pipeline.importing.markup import markup_rules
from shelfwise_pipeline.importing.rules import Rule, composing_rule, number_rule, text_rules

REQUIRED = frozenset({"product_id", "title"})
MAX_PRICE = 1e9
OLDEST = datetime(1900, 1, 1, tzinfo=UTC)
"""A bookshop may give a book's release date. Earlier dates were misread."""


def product_rules(now: datetime | None = None) -> list[Rule]:
    """Return the rules. `now` (default: the clock) determines which creation times are in the future."""
    tomorrow = (now or datetime.now(UTC)) + timedelta(days=1)
    return [
        *(rule for column in ("title", "description", "brand") for rule in markup_rules(column)),
        *text_rules("product_id", 200, required=True),
        *text_rules("title", 1000, required=True),
        *text_rules("description", 20_000, one_line=False),
        *text_rules("brand", 200),
        *text_rules("variant_group", 200),
        *_category_rules(),
        *_price_rules(),
        number_rule("rating", "a rating is a number from 0", ~(pl.col("rating").is_finite() & (pl.col("rating") >= 0))),
        number_rule("rating_count", "a count is not below 0", pl.col("rating_count") < 0),
        *text_rules("image_url", 2000),
        Rule(
            "image_url_foreign",
            "image_url",
            "an image is an http(s) address; taken as unknown",
            ~pl.col("image_url").str.contains(r"^https?://[^\s/]+"),
            pl.lit(None),
        ),
        *_attribute_rules(),
        Rule(
            "created_at_future",
            "created_at",
            "created in the future; taken as unknown",
            pl.col("created_at") > tomorrow,
            pl.lit(None),
        ),
        Rule(
            "created_at_ancient",
            "created_at",
            f"before {OLDEST:%Y}; taken as unknown",
            pl.col("created_at") < OLDEST,
            pl.lit(None),
        ),
    ]


def _category_rules() -> list[Rule]:
    tidy = pl.col("category").list.eval(_tidy_element())
    tidy = tidy.list.eval(pl.element().filter(pl.element().is_not_null() & (pl.element() != "")))
    return [
        Rule(
            "category_untidy",
            "category",
            "blank steps, stray blanks or control characters were removed from the path",
            tidy.ne_missing(pl.col("category")),
            tidy,
        ),
        composing_rule("category", pl.col("category").list.eval(pl.element().str.normalize("NFC"))),
    ]


def _tidy_element() -> pl.Expr:
    return pl.element().str.replace_all(r"[\x00-\x1f\x7f]", " ").str.replace_all(r"\s+", " ").str.strip_chars()


def _price_rules() -> list[Rule]:
    price = pl.col("price")
    upper = pl.col("currency").str.to_uppercase()
    return [
        number_rule(
            "price",
            f"a price is a number from 0 to {MAX_PRICE:,.0f}",
            ~(price.is_finite() & (price >= 0) & (price <= MAX_PRICE)),
        ),
        *text_rules("currency", 100),
        Rule("currency_case", "currency", "currency codes are upper case", upper != pl.col("currency"), upper),
        Rule(
            "currency_unknown_code",
            "currency",
            "a currency is a three-letter ISO 4217 code; taken as unknown",
            ~pl.col("currency").str.contains(r"^[A-Z]{3}$"),
            pl.lit(None),
        ),
    ]


def _attribute_rules() -> list[Rule]:
    tidy = pl.col("attributes").map_elements(_tidy_attributes, return_dtype=pl.String, skip_nulls=True)
    readable = pl.col("attributes").map_elements(_is_object, return_dtype=pl.Boolean, skip_nulls=True)
    return [
        Rule(
            "attributes_unreadable",
            "attributes",
            "attributes are a JSON object; taken as none",
            ~readable,
            pl.lit(None),
        ),
        Rule(
            "attributes_untidy",
            "attributes",
            "attributes are text to text; empty ones were removed, others written as text, accents joined with letters",
            pl.col("attributes").map_elements(_needs_tidying, return_dtype=pl.Boolean, skip_nulls=True),
            tidy,
        ),
    ]


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _needs_tidying(text: str) -> bool:
    return any(_attribute_text(name) != name or _attribute_text(value) != value for name, value in json.loads(text).items())


def _tidy_attributes(text: str) -> str:
    pairs = ((_attribute_text(name), _attribute_text(value)) for name, value in json.loads(text).items())
    return json.dumps({name: value for name, value in pairs if name and value}, ensure_ascii=False, sort_keys=True)


def _attribute_text(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return composed(" ".join(text.replace("\x00", " ").split()))
