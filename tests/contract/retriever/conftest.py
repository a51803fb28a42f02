"""A catalog large enough for every kind of index, and every source over it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shelfwise_retriever import frame
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.dense_build import build_index
from shelfwise_retriever.documents import documents_of
from shelfwise_retriever.groups import RowGroups
from shelfwise_retriever.index_table import EXACT, IndexPlan
from shelfwise_retriever.lexical_build import build_lexical
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Question, Source
from shelfwise_retriever.sources.behavioral import behavioral
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.vectors import Vectors
from tests.support.behavior import behavior, space
from tests.support.catalog import DIMENSION, SPACE, products_frame, publish_shelf, vector_of

ROWS = 3_000
_WORDS = ("red", "blue", "green", "soft", "hard", "salty", "sweet", "large", "small", "fresh", "frozen", "whole")
_THINGS = ("chips", "polish", "lamp", "shampoo", "bread", "milk", "cheese", "soap", "towel", "candle", "pasta", "juice", "rice")

_PLANS = {
    "exact": {"index": EXACT, "shortlist": 100, "exact_below": 0},
    "scan": {"index": f"PQ{DIMENSION // 2}x4fs", "shortlist": 300, "exact_below": 50},
    "cells": {"index": f"IVF16,PQ{DIMENSION // 2}x4fs", "shortlist": 300, "exact_below": 50, "nprobe": 10},
    "bytes": {"index": "IVF16,SQ8", "shortlist": 200, "exact_below": 50, "nprobe": 10},
}


@dataclass(frozen=True)
class Sourced:
    """A source and a question that it can answer."""

    source: Source
    question: Question


@dataclass(frozen=True)
class Shop:
    products: list[dict[str, Any]]
    dense: Callable[[str], DenseSource]
    lexical: LexicalSource
    texts: RowGroups


def _products() -> list[dict[str, Any]]:
    draw = np.random.default_rng(7)
    titles = [" ".join(map(str, (*draw.choice(_WORDS, 2), draw.choice(_THINGS)))) for _ in range(ROWS)]
    return [
        {"product_id": str(row), "title": title, "brand": "Own" if row % 3 else "Other", "category": [title.split()[-1]]}
        for row, title in enumerate(titles)
    ]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    products = _products()
    numbers: dict[str, int] = {}
    text_of_row = np.array([numbers.setdefault(product["title"], len(numbers)) for product in products], np.int32)
    array = np.stack([vector_of(text) for text in numbers])
    vectors, texts = Vectors.of(array, SPACE), RowGroups.of(text_of_row, len(numbers))
    documents = documents_of(frame.tidy(products_frame(products)))
    assert build_lexical(folder / "lexical", documents.texts) == 1

    def dense(name: str) -> DenseSource:
        place = folder / name
        if not place.exists():
            place.mkdir()
            plan = IndexPlan.model_validate({**_PLANS[name], "vectors": len(array), "dimension": DIMENSION})
            build_index(place, array, SPACE, plan)
        return DenseSource.load(place, vectors, texts)

    return Shop(products, dense, LexicalSource.load(folder / "lexical", documents.groups, texts), texts)


def _behavior() -> Behavior:
    """All other rows go with the first one, many of them equally well; every second row has one of thirty vectors."""
    draw = np.random.default_rng(11)
    scores = draw.integers(1, 40, ROWS) / 40
    kinds = draw.standard_normal((30, 8)).tolist()
    vectors = {row: kinds[row % 30] for row in range(0, ROWS, 2)}
    return behavior(
        ROWS,
        together={0: {row: float(scores[row]) for row in range(1, ROWS)}},
        vectors=space(after=vectors, before=vectors),
        trending={row: float(row % 7) for row in range(ROWS)},
    )


_BEHAVIORAL = ("together", "behavior", "category")


@pytest.fixture(scope="session")
def behavioral_sources(shop: Shop) -> dict[str, Source]:
    shelves = Shelves.of(frame.tidy(products_frame(shop.products)))
    return {source.name: source for source in behavioral(_behavior(), shelves)}


@pytest.fixture(scope="session", params=[*_PLANS, "lexical", *_BEHAVIORAL])
def sourced(request: pytest.FixtureRequest, shop: Shop, behavioral_sources: dict[str, Source]) -> Sourced:
    text = "fresh red chips"
    if request.param in _BEHAVIORAL:
        return Sourced(behavioral_sources[request.param], Question(None, None, np.arange(40, dtype=np.int32)))
    source = shop.lexical if request.param == "lexical" else shop.dense(request.param)
    return Sourced(source, Question(text, vector_of(text)))


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    publish_shelf(folder)
    return folder
