"""The monolith's features: a dozen ordinary columns, computed for all candidates of a query at once."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]

NAMES = (
    "dense_score",
    "dense_rank",
    "dense_score_minus_mean",
    "popularity",
    "popularity_rank",
    "category_popularity",
    "price",
    "price_over_category_median",
    "query_tokens_in_title",
    "title_tokens_in_query",
    "title_length",
    "same_category_as_first",
)

_TOKEN = re.compile(r"[a-z0-9]+")
_MAX_TOKENS = 16
_NONE = 0  # the id that pads short titles; no token has it


class Features:
    """Feature columns of the whole catalog, computed once. `matrix` picks the candidates' rows."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products`: title, category (list), price (null), popularity; row i is product i of the index."""
        self._vocabulary: dict[str, int] = {}
        self._title_tokens = np.stack([self._padded(title) for title in products["title"]])
        self._title_length = np.maximum((self._title_tokens != _NONE).sum(axis=1), 1).astype(np.float32)
        columns = products.with_columns(narrowest=pl.col("category").list.last().fill_null(""))
        by_category = pl.col("price").median().over("narrowest")
        columns = columns.select(
            popularity=pl.col("popularity").log1p() / max(float(np.log1p(_highest(products["popularity"]))), 1.0),
            category_popularity=pl.col("popularity").sum().over("narrowest").log1p(),
            price=pl.col("price").log1p(),
            relative_price=pl.col("price") / pl.when(by_category > 0).then(by_category),
            category=pl.col("narrowest").rank("dense"),
        )
        self._popularity = _floats(columns["popularity"])
        self._category_popularity = _floats(columns["category_popularity"])
        self._price = _floats(columns["price"])
        self._relative_price = _floats(columns["relative_price"])
        self._category = columns["category"].to_numpy()

    def matrix(self, query: str, rows: Rows, scores: Floats) -> Floats:
        """[n, 12] in the order of `NAMES`, for candidate `rows` [n] with inner products `scores` [n], best first."""
        asked = [token for word in set(_TOKEN.findall(query.lower())) if (token := self._vocabulary.get(word))]
        words = max(len(set(_TOKEN.findall(query.lower()))), 1)
        shared = np.isin(self._title_tokens[rows], asked).sum(axis=1) if asked else np.zeros(len(rows))
        popularity = self._popularity[rows]
        category = self._category[rows]
        table = np.empty((len(rows), len(NAMES)), dtype=np.float32)
        table[:, 0] = scores
        table[:, 1] = np.arange(len(rows))
        table[:, 2] = scores - scores.mean()
        table[:, 3] = popularity
        table[:, 4] = np.argsort(np.argsort(-popularity, kind="stable"))
        table[:, 5] = self._category_popularity[rows]
        table[:, 6] = self._price[rows]
        table[:, 7] = self._relative_price[rows]
        table[:, 8] = shared / words
        table[:, 9] = shared / self._title_length[rows]
        table[:, 10] = self._title_length[rows]
        table[:, 11] = category == category[0]
        return table

    def _padded(self, title: str) -> NDArray[np.int32]:
        words = list(dict.fromkeys(_TOKEN.findall(title.lower())))[:_MAX_TOKENS]
        padded = np.full(_MAX_TOKENS, _NONE, dtype=np.int32)
        padded[: len(words)] = [self._vocabulary.setdefault(word, len(self._vocabulary) + 1) for word in words]
        return padded


def _highest(series: pl.Series) -> float:
    return float(series.cast(pl.Float64).max() or 0.0)  # type: ignore[arg-type]


def _floats(series: pl.Series) -> Floats:
    """The values as floats. Nulls become NaN, which LightGBM treats as missing."""
    return series.cast(pl.Float32).to_numpy().copy()
