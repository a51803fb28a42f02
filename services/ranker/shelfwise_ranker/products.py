"""The catalog as the ranker knows it, in arrays that a request's rows index."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.units import units_of
from shelfwise_ranker.vocabulary import PAD, Vocabulary
from shelfwise_ranker.word_vectors import WordVectors

PRODUCTS_FILE = "products.parquet"
VOCABULARY_FILE = "vocabulary.json"

Rows = NDArray[np.int32]
"""Row numbers; -1 is a product that the table does not hold.

Every array has one row more than there are products. It means "nothing is known", and -1 indexes it, so no feature needs a
special case."""

SECTIONS = ("title", "rest", "leaf", "brand", "head")
"""Sections of a product's tokens; `rest` is what brand, categories and attributes add to the title, `leaf` the narrowest
category, `head` the words that say what the product is."""


@dataclass(frozen=True)
class WordCosts:
    """[vocabulary + 1] each: how a word changes a product's grade if the query has it and the title lacks it (`missing`), and
    if the title has it and the query lacks it (`extra`); negative where it lowers the grade. 0 for PAD and for words never
    judged."""

    missing: NDArray[np.float32]
    extra: NDArray[np.float32]


@dataclass(frozen=True)
class Names:
    """The names behind the numbers of categories (as first written) and brands (folded); needed to number those of later
    products."""

    paths: list[tuple[str, ...]]
    brands: list[str]


@dataclass
class ProductTable:
    """One row per product, plus a last row that stands for an unknown product.

    A table that takes later products has spare rows before the last one, which mean "nothing is known" until they are used.
    """

    ids: list[str]
    titles: list[str]  # [n + 1]; `sorted_titles` has their folded words in alphabetical order
    sorted_titles: list[str]
    vocabulary: Vocabulary
    spans: dict[str, slice]
    tokens: NDArray[np.int32]  # [n + 1, width] token numbers of the vocabulary, PAD-filled, distinct within a section
    leaf: NDArray[np.int32]  # [n + 1] narrowest category, numbered over whole paths
    parent: NDArray[np.int32]  # [n + 1] the parent category, or the category itself at the top
    brand: NDArray[np.int32]  # [n + 1]; products without a brand share a number of their own
    text: NDArray[np.int32]  # [n + 1] equal numbers: equal title, category and brand, so that only behavior and price differ
    log_price: NDArray[np.float32]  # [n + 1] log(1 + price), NaN without a price
    rating: NDArray[np.float32]  # [n + 1] pulled towards the catalog's mean if few rated, NaN without ratings
    rating_count: NDArray[np.float32]  # [n + 1] log(1 + count)
    created_at: NDArray[np.float64]  # [n + 1] seconds since 1970, NaN if not known
    categories: list[str]  # name of each leaf number
    names: Names
    word_costs: WordCosts | None = None  # learned from judgements, if the shop has them
    word_vectors: WordVectors | None = None  # if the shop has judgements

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {product_id: row for row, product_id in enumerate(self.ids)}

    def rows(self, ids: Sequence[str]) -> Rows:
        """The row of each id, -1 if unknown."""
        return np.fromiter(map(self.row_of.get, ids, repeat(-1)), np.int32, len(ids))

    @cached_property
    def totals(self) -> dict[str, NDArray[np.float32]]:
        """For each section [n + 1] the weight of all its tokens; NaN if it has none, so that nothing divides by zero."""
        weights = self.vocabulary.weights
        found = {}
        for name, span in self.spans.items():
            total = weights[self.tokens[:, span]].sum(axis=1)
            found[name] = np.where(total > 0, total, np.nan).astype(np.float32)
        return found

    @cached_property
    def title_words(self) -> NDArray[np.float32]:
        """[n + 1] the number of distinct words of each title, as far as they are kept."""
        return np.asarray((self.tokens[:, self.spans["title"]] != PAD).sum(axis=1), dtype=np.float32)

    @cached_property
    def sorted_lengths(self) -> NDArray[np.float32]:
        """[n + 1] the number of characters of each sorted title."""
        return np.array([len(title) for title in self.sorted_titles], dtype=np.float32)

    @cached_property
    def has_number(self) -> NDArray[np.bool_]:
        """[n + 1] whether the title or the rest names a number (a size, a count)."""
        spans = self.spans
        span = slice(spans["title"].start, spans["rest"].stop)
        return np.asarray(self.vocabulary.is_number[self.tokens[:, span]].any(axis=1))

    @cached_property
    def units(self) -> frozenset[int]:
        """Tokens that are the unit of a number: "gb", "litres"."""
        return units_of(self.tokens[:, self.spans["title"]], self.vocabulary.is_number)

    @cached_property
    def price_to_category(self) -> NDArray[np.float32]:
        """[n + 1] log price minus the median log price of the narrowest category."""
        return price_to_category(self.leaf, self.log_price)

    def save(self, folder: Path) -> None:
        """Write products.parquet, vocabulary.json and the word vectors, if there are any."""
        known = slice(0, len(self))
        pl.DataFrame(
            {
                "product_id": self.ids,
                "title": self.titles[:-1],
                "sorted_title": self.sorted_titles[:-1],
                **{name: getattr(self, name)[known] for name in _NUMERIC},
            }
        ).with_columns(pl.Series("tokens", self.tokens[known], pl.Array(pl.Int32, self.tokens.shape[1]))).write_parquet(
            folder / PRODUCTS_FILE, compression="zstd"
        )
        vocabulary = self.vocabulary
        content = {
            "documents": vocabulary.documents,
            "tokens": vocabulary.tokens,
            "spellings": vocabulary.spellings,
            "frequencies": vocabulary.frequencies,
            "known_words": vocabulary.known_words,
            "spans": {name: [span.start, span.stop] for name, span in self.spans.items()},
            "categories": self.categories,
            "word_costs": None if self.word_costs is None else vars(self.word_costs),
            "names": vars(self.names),
        }
        if self.word_vectors is not None:
            self.word_vectors.save(folder)
        (folder / VOCABULARY_FILE).write_bytes(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY))

    @classmethod
    def load(cls, folder: Path) -> "ProductTable":
        """Read what `save` wrote.

        Raises:
            BundleDamaged: a file or a column is missing.
        """
        try:
            frame = pl.read_parquet(folder / PRODUCTS_FILE)
            content = orjson.loads((folder / VOCABULARY_FILE).read_bytes())
            vocabulary = Vocabulary(
                *(content[name] for name in ("tokens", "spellings", "frequencies", "documents", "known_words"))
            )
            arrays: dict[str, Any] = {
                name: np.append(frame[name].to_numpy(), np.array([unknown], dtype=dtype)).astype(dtype)
                for name, (dtype, unknown) in _NUMERIC.items()
            }
            tokens = frame["tokens"].to_numpy()
            costs = {name: np.array(learned, np.float32) for name, learned in (content["word_costs"] or {}).items()}
            names = Names([tuple(path) for path in content["names"]["paths"]], content["names"]["brands"])
        except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"the ranker's product table cannot be read: {error}; build the bundle again") from error
        arrays["leaf"][-1] = arrays["parent"][-1] = len(content["categories"])
        return cls(
            ids=frame["product_id"].to_list(),
            titles=[*frame["title"].to_list(), ""],
            sorted_titles=[*frame["sorted_title"].to_list(), ""],
            vocabulary=vocabulary,
            spans={name: slice(*span) for name, span in content["spans"].items()},
            tokens=np.vstack([tokens, np.zeros((1, tokens.shape[1]), np.int32)]).astype(np.int32),
            categories=content["categories"],
            word_costs=WordCosts(**costs) if costs else None,
            names=names,
            word_vectors=WordVectors.load(folder, len(vocabulary)),
            **arrays,
        )


def price_to_category(leaf: NDArray[np.int32], log_price: NDArray[np.float32]) -> NDArray[np.float32]:
    """[k] each log price minus the median of those with the same number in `leaf`."""
    frame = pl.DataFrame({"leaf": leaf, "price": log_price}).with_columns(pl.col("price").fill_nan(None))
    return frame.select(pl.col("price") - pl.col("price").median().over("leaf")).to_series().to_numpy().astype(np.float32)


def array_columns(table: ProductTable) -> list[str]:
    """The names of the fields that are arrays, [n + 1] or [n + 1, …]; without the properties computed from them."""
    return [column.name for column in fields(table) if isinstance(getattr(table, column.name), np.ndarray)]


_NUMERIC: dict[str, tuple[type[np.generic], float]] = {
    "leaf": (np.int32, 0),
    "parent": (np.int32, 0),
    "brand": (np.int32, -1),
    "text": (np.int32, -1),
    "log_price": (np.float32, np.nan),
    "rating": (np.float32, np.nan),
    "rating_count": (np.float32, np.nan),
    "created_at": (np.float64, np.nan),
}
"""The arrays on disk: their type, and the value of the last row, which stands for an unknown product."""
