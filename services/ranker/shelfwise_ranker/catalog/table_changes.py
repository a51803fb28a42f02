"""Puts changed and new products into a bundle's table, as the rows that a build would make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.values import folded
from shelfwise_ranker.cataloging import RATING_PRIOR_COUNT, build_table, category_key
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.products import ProductTable, Rows, WordCosts, price_to_category
from shelfwise_ranker.vocabulary import PAD, Vocabulary

Product = Mapping[str, Any]

_SCHEMA = {
    "product_id": pl.String(),
    "title": pl.String(),
    "brand": pl.String(),
    "category": pl.List(pl.String()),
    "price": pl.Float64(),
    "rating": pl.Float64(),
    "rating_count": pl.Float64(),
    "attributes": pl.Object(),
    "created_at": pl.Datetime("us", "UTC"),
}
_OWN = ("log_price", "rating", "rating_count", "created_at")
"""Columns that mean the same in every table; the others hold numbers that are valid in one table only."""

_DERIVED = ("title_words", "sorted_lengths", "has_number")
"""What a table computes from its columns, row by row, on first access."""


class TableChanges:
    """`build_table` makes a small table of what changed, and its rows are translated into the numbers of the large one.

    Facts about the whole catalog stay as they were built: how rare each word is, the mean rating, and the length of the longest
    text, to which longer ones are cut. Runs between two requests, on the thread that ranks.
    """

    def __init__(self, table: ProductTable) -> None:
        """`table`: with spare rows."""
        self._table = table
        self._paths = {category_key(path): number for number, path in enumerate(table.names.paths)}
        self._brands = {folded(brand): number for number, brand in enumerate(table.names.brands)}
        self._texts = int(table.text.max(initial=-1)) + 1
        self._usual_rating = _usual_rating(table)

    def put(self, products: Sequence[Product]) -> tuple[Rows, NDArray[np.int32]]:
        """Put `products` in; return their rows and each row's category before. Products for which no row is left are
        ignored."""
        table = self._table
        taken = self._with_rows(products)
        if not taken:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        made = build_table(_frame([product for product, _ in taken]), usual_rating=self._usual_rating)
        rows = np.array([row for _, row in taken], np.int32)
        before = table.leaf[rows]
        changed = self._translated(made)
        for row, title, in_order in zip(rows.tolist(), changed.titles, changed.sorted_titles, strict=False):
            table.titles[row], table.sorted_titles[row] = title, in_order
        for name in ("tokens", "leaf", "parent", "brand", *_OWN):
            getattr(table, name)[rows] = getattr(changed, name)[:-1]
        table.text[rows] = -1  # so that no product is matched by its old text
        for row in rows.tolist():
            table.text[row] = self._text_of(row)
        self._derive(rows, changed, distinct(np.concatenate([before, table.leaf[rows]])))
        return rows, before

    def _with_rows(self, products: Sequence[Product]) -> list[tuple[Product, int]]:
        """Each product once, in its last version, with the row it has or gets; products without one are left out."""
        table, found = self._table, []
        for product_id, product in {product["product_id"]: product for product in products}.items():
            row = table.row_of.get(product_id)
            if row is None:
                if len(table) == len(table.leaf) - 1:
                    continue
                row = table.row_of[product_id] = len(table)
                table.ids.append(product_id)
            found.append((product, row))
        return found

    def _translated(self, made: ProductTable) -> ProductTable:
        """The rows of a separate table in the numbers of the large one."""
        table = self._table
        vocabulary = _learned(table.vocabulary, made.vocabulary)
        if table.word_costs is not None:
            table.word_costs = _costs_of(table.word_costs, len(table.vocabulary) + 1)
        tokens = np.full((len(made) + 1, table.tokens.shape[1]), PAD, np.int32)
        for name, span in table.spans.items():
            said = vocabulary[made.tokens[:, made.spans[name]]][:, : span.stop - span.start]
            tokens[:, span.start : span.start + said.shape[1]] = said
        category = np.array([self._category(path) for path in made.names.paths] + [len(table.categories)], np.int32)
        brand = np.array([self._brands.setdefault(name, len(self._brands)) for name in made.names.brands] + [-1], np.int32)
        return replace(
            made,
            vocabulary=table.vocabulary,
            spans=table.spans,
            tokens=tokens,
            leaf=category[made.leaf],
            parent=category[made.parent],
            brand=brand[made.brand],
        )

    def _category(self, path: tuple[str, ...]) -> int:
        key = category_key(path)
        number = self._paths.get(key)
        if number is None:
            table = self._table
            number = self._paths[key] = len(table.categories)
            table.categories.append(path[-1] if path else "")
            # The number after all categories is that of products about which nothing is known.
            for column in (table.leaf, table.parent):
                column[len(table) :] = number + 1
        return number

    def _text_of(self, row: int) -> int:
        """The number of the products with the same title, category and brand; a new one if there are none."""
        table = self._table
        near = np.flatnonzero(table.leaf[: len(table)] == table.leaf[row])
        alike = near[table.brand[near] == table.brand[row]]
        title = table.titles[row]
        for other in alike.tolist():
            if other != row and table.titles[other] == title and table.text[other] >= 0:
                return int(table.text[other])
        self._texts += 1
        return self._texts - 1

    def _derive(self, rows: Rows, changed: ProductTable, categories: NDArray[np.int32]) -> None:
        """Update what the large table has already computed."""
        table = self._table
        for name in _DERIVED:
            if name in vars(table):
                getattr(table, name)[rows] = getattr(changed, name)[:-1]
        if "totals" in vars(table):
            for section, values in table.totals.items():
                values[rows] = changed.totals[section][:-1]
        if "price_to_category" in vars(table):
            touched = np.zeros(len(table.categories) + 1, np.bool_)
            touched[categories] = True
            members = np.flatnonzero(touched[table.leaf[: len(table)]])
            table.price_to_category[members] = price_to_category(table.leaf[members], table.log_price[members])


def _frame(products: Sequence[Product]) -> pl.DataFrame:
    columns = {name: [product.get(name) for product in products] for name in _SCHEMA}
    return pl.DataFrame([pl.Series(name, columns[name], dtype) for name, dtype in _SCHEMA.items()])


def _learned(known: Vocabulary, other: Vocabulary) -> NDArray[np.int32]:
    """The number in `known` of each number of `other`; `known` learns what it lacks."""
    numbers = [PAD, *(known.learn(part, spelling) for part, spelling in zip(other.tokens, other.spellings, strict=True))]
    return np.array(numbers, np.int32)


def _costs_of(costs: WordCosts, words: int) -> WordCosts:
    """The costs of `words` tokens; 0 for words that nobody has judged."""
    more = words - len(costs.missing)
    return costs if not more else WordCosts(np.pad(costs.missing, (0, more)), np.pad(costs.extra, (0, more)))


def _usual_rating(table: ProductTable) -> float | None:
    """The mean rating that the table's ratings were pulled towards, from them and the counts; None without ratings."""
    rating, count = table.rating.astype(np.float64), np.expm1(table.rating_count.astype(np.float64))
    rated = ~np.isnan(rating) & (count > 0)
    if not rated.any():
        return None
    pulled, counts = rating[rated], count[rated]
    return float((pulled * (counts + RATING_PRIOR_COUNT)).sum() / (counts + RATING_PRIOR_COUNT).sum())
