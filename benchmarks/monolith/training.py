"""Trains the monolith's ranker on text queries and on what shoppers later bought of the candidates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import lightgbm
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.monolith.features import NAMES, Features
from benchmarks.monolith.purchases import Purchases
from benchmarks.queries import make_queries

QUERIES = 2_000
CANDIDATES = 100
ROUNDS = 150
SEED = 7
# Popularity counts purchases before the split, labels those after it, so that no feature contains the label.
SPLIT = datetime(2017, 11, 1)

Encode = Callable[[list[str]], NDArray[np.float32]]


def train_ranker(products: pl.DataFrame, purchases: Purchases, index: Any, encode: Encode) -> lightgbm.Booster:
    """A lambdarank model over `NAMES`; labels grow with the logarithm of a candidate's purchases after the split."""
    after = purchases.since(SPLIT)
    bought = np.minimum(np.log2(1 + after).astype(np.int64), 6)
    features = Features(products.with_columns(popularity=purchases.popularity(as_of=SPLIT)))
    # Questions about products in proportion to their sales.
    chance = np.random.default_rng(SEED)
    drawn = chance.choice(products.height, size=QUERIES * 4, p=after / after.sum())
    queries = make_queries(products[np.unique(drawn)], QUERIES, SEED)
    scores, rows = index.search(encode(queries), CANDIDATES)
    table = np.concatenate([features.matrix(*query) for query in zip(queries, rows, scores, strict=True)])
    examples = lightgbm.Dataset(table, label=bought[rows.ravel()], group=[CANDIDATES] * len(queries), feature_name=list(NAMES))
    settings = {
        "objective": "lambdarank",
        "num_leaves": 31,
        "learning_rate": 0.08,
        "min_data_in_leaf": 50,
        "num_threads": 2,
        "seed": SEED,
        "deterministic": True,
        "verbosity": -1,
    }
    return lightgbm.train(settings, examples, num_boost_round=ROUNDS)
