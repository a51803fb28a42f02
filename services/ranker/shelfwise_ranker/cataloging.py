"""Builds the product table from the shop's products."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from shelfwise.values import folded
from shelfwise_ranker.heads import heads
from shelfwise_ranker.products import SECTIONS, Names, ProductTable
from shelfwise_ranker.text import token, words
from shelfwise_ranker.vocabulary import PAD, Vocabulary

WIDTHS = {"title": 24, "rest": 24, "leaf": 8, "brand": 4, "head": 3}
"""The maximum number of distinct tokens kept of each section; a catalog with shorter texts gets narrower tables."""

RATING_PRIOR_COUNT = 20.0
"""With this many ratings, a product's own ratings weigh as much as the catalog's mean."""


def build_table(products: pl.DataFrame, known_words: Collection[str] = (), usual_rating: float | None = None) -> ProductTable:
    """The table of `products` (columns of the product contract; all but product_id and title may be absent), in their order.

    `known_words`: words of the language, which are not treated as misspelt words of the catalog when a query has them.
    `usual_rating` replaces the mean of these products' ratings if they are a few of a larger catalog.
    """
    titles = products["title"].to_list()
    categories = [list(path or ()) for path in _column(products, "category", [])]
    brands = [brand or "" for brand in _column(products, "brand", None)]
    brand_keys = [folded(brand) for brand in brands]
    spoken = [words(title) for title in titles]
    sections = _sections(titles, spoken, brands, categories, attribute_texts(products))
    vocabulary = Vocabulary.of(
        ((word for part in document for word in part) for document in zip(*sections.values(), strict=True)), known_words
    )
    tokens, spans = _token_table(sections, vocabulary)
    leaf, parent, paths = _category_codes(categories)
    names = [path[-1] if path else "" for path in paths]
    rating, rating_count = _ratings(products, usual_rating)
    # One row more than products, for the unknown product.
    return ProductTable(
        ids=products["product_id"].cast(pl.String).to_list(),
        titles=[*titles, ""],
        sorted_titles=[*(" ".join(sorted(part)) for part in spoken), ""],
        vocabulary=vocabulary,
        spans=spans,
        tokens=tokens,
        leaf=np.append(leaf, len(names)).astype(np.int32),
        parent=np.append(parent, len(names)).astype(np.int32),
        brand=np.append(_codes(brand_keys), -1).astype(np.int32),
        text=np.append(_codes(zip(titles, leaf.tolist(), brand_keys, strict=True)), -1).astype(np.int32),
        log_price=np.append(np.log1p(_numbers(products, "price")), np.nan).astype(np.float32),
        rating=np.append(rating, np.nan).astype(np.float32),
        rating_count=np.append(rating_count, np.nan).astype(np.float32),
        created_at=np.append(_created_at(products), np.nan),
        categories=names,
        names=Names(paths, list(dict.fromkeys(brand_keys))),
    )


def category_key(path: Iterable[str]) -> tuple[str, ...]:
    """What paths that name one category have in common, however they are written."""
    return tuple(map(folded, path))


def attribute_texts(products: pl.DataFrame) -> list[str]:
    """Each product's attribute values as one text. Accepts JSON text, dicts, structs and lists of {key, value}."""
    return [" ".join(_values(attributes)) for attributes in _column(products, "attributes", None)]


def _values(attributes: object) -> list[str]:
    if isinstance(attributes, str):
        attributes = orjson.loads(attributes or "{}")
    if isinstance(attributes, dict):
        return [str(value) for value in attributes.values() if value is not None]
    if isinstance(attributes, list):
        return [str(pair["value"]) for pair in attributes]
    return []


def _column(products: pl.DataFrame, name: str, absent: object) -> list[Any]:
    return products[name].to_list() if name in products.columns else [absent] * products.height


def _numbers(products: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """[n] floats, NaN if the product has no value."""
    if name not in products.columns:
        return np.full(products.height, np.nan)
    return products[name].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def _created_at(products: pl.DataFrame) -> NDArray[np.float64]:
    """[n] seconds since 1970, NaN if the product has no value."""
    if "created_at" not in products.columns or products["created_at"].dtype == pl.Null:
        return np.full(products.height, np.nan)
    moments = products.select(pl.col("created_at").dt.epoch("us").cast(pl.Float64) / 1e6).to_series()
    return moments.fill_null(float("nan")).to_numpy().astype(np.float64)


def _ratings(products: pl.DataFrame, usual: float | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rating pulled towards the catalog's mean, NaN if nobody rated, and log(1 + count); a rating without a count counts
    as one."""
    rating = _numbers(products, "rating")
    count = _numbers(products, "rating_count")
    count = np.where(np.isnan(count) & ~np.isnan(rating), 1.0, count)
    known = ~np.isnan(rating) & (count > 0)
    if not known.any():
        return np.full_like(rating, np.nan), np.log1p(count)
    mean = float(np.average(rating[known], weights=count[known])) if usual is None else usual
    pulled = (rating * count + mean * RATING_PRIOR_COUNT) / (count + RATING_PRIOR_COUNT)
    return np.where(known, pulled, np.nan), np.log1p(count)


def _sections(
    titles: Sequence[str],
    spoken: Sequence[list[str]],
    brands: Sequence[str],
    categories: Sequence[list[str]],
    attributes: Sequence[str],
) -> dict[str, list[list[str]]]:
    """The words of every product by section; distinct by token, and `rest` without the words of the title."""
    sections: dict[str, list[list[str]]] = {name: [] for name in SECTIONS}
    for title, said, brand, path, attribute in zip(titles, spoken, brands, categories, attributes, strict=True):
        in_title = _distinct(said)
        of_brand = _distinct(words(brand))
        of_leaf = _distinct(words(path[-1]) if path else ())
        beyond = [*of_brand.values(), *of_leaf.values(), *words(" ".join([attribute, *reversed(path[:-1])]))]
        sections["title"].append(list(in_title.values()))
        sections["rest"].append([word for part, word in _distinct(beyond).items() if part not in in_title])
        sections["leaf"].append(list(of_leaf.values()))
        sections["brand"].append(list(of_brand.values()))
        sections["head"].append(list(_distinct(heads(title)).values()))
    return sections


def _distinct(spoken: Iterable[str]) -> dict[str, str]:
    """The first word of each token."""
    found: dict[str, str] = {}
    for word in spoken:
        found.setdefault(token(word), word)
    return found


def _token_table(sections: dict[str, list[list[str]]], vocabulary: Vocabulary) -> tuple[NDArray[np.int32], dict[str, slice]]:
    spans: dict[str, slice] = {}
    start = 0
    for name, documents in sections.items():
        longest = max((len(document) for document in documents), default=0)
        spans[name] = slice(start, start + max(1, min(longest, WIDTHS[name])))
        start = spans[name].stop
    rows = len(sections["title"])
    table = np.full((rows + 1, start), PAD, dtype=np.int32)
    numbers = vocabulary.numbers
    for name, documents in sections.items():
        span = spans[name]
        for row, document in enumerate(documents):
            kept = document[: span.stop - span.start]
            table[row, span.start : span.start + len(kept)] = [numbers[token(word)] for word in kept]
    return table, spans


def _category_codes(paths: Sequence[list[str]]) -> tuple[NDArray[np.int32], NDArray[np.int32], list[tuple[str, ...]]]:
    """Numbers for every path and the path directly above it: (narrowest, the one above it, the path of each number as it was
    first written)."""
    written: dict[tuple[str, ...], tuple[str, ...]] = {}
    alike = [category_key(path) for path in paths]
    for path, key in zip(paths, alike, strict=True):
        for depth in range(len(path), max(-1, len(path) - 2), -1):
            written.setdefault(key[:depth], tuple(path[:depth]))
    code_of = {key: number for number, key in enumerate(written)}
    leaf = np.array([code_of[key] for key in alike], dtype=np.int32)
    parent = np.array([code_of[key[: max(1, len(key) - 1)]] for key in alike], dtype=np.int32)
    return leaf, parent, list(written.values())


def _codes(values: Iterable[object]) -> NDArray[np.int32]:
    code_of: dict[object, int] = {}
    return np.array([code_of.setdefault(value, len(code_of)) for value in values], dtype=np.int32)
