"""Six products whose features can be worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import KINDS, EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest, ScoreColumns
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.history import history_of
from shelfwise_ranker.living.statistics import REFRESHED, LiveStatistics
from shelfwise_ranker.products import ProductTable, WordCosts
from shelfwise_ranker.word_vectors import WordVectors

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)

PRODUCTS = pl.DataFrame(
    {
        "product_id": ["red", "blue", "file", "wall", "milk", "choc"],
        "title": [
            "Nail Polish Red",
            "Nail Polish Blue 2 oz",
            "Nail File",
            "Wall Paint 16 oz",
            "Milk 16 oz",
            "Chocolate Milk 2.50 l",
        ],
        "brand": ["Glow", "Glow", "Sharp", None, "Dairy Farm", "Dairy Farm"],
        "category": [
            ["Beauty", "Nails"],
            ["Beauty", "Nails"],
            ["Beauty", "Nails"],
            ["Home"],
            ["Food", "Milk"],
            ["Food", "Milk"],
        ],
        "price": [4.0, 9.0, None, 19.0, 1.0, 3.0],
        "rating": [5.0, 3.0, None, 4.0, None, None],
        "rating_count": [20, 20, None, 0, None, None],
        "attributes": ['{"color": "crimson"}', None, None, None, None, None],
        "created_at": [NOW - timedelta(days=10), None, None, None, None, NOW + timedelta(days=5)],
    },
    schema_overrides={"created_at": pl.Datetime("us", "UTC")},
)

EVENT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "type": pl.String,
    "product_id": pl.String,
    "user_id": pl.String,
    "session_id": pl.String,
    "timestamp": pl.Datetime("us", "UTC"),
}


def shelf() -> ProductTable:
    return build_table(PRODUCTS)


def with_costs(
    table: ProductTable, missing: Mapping[str, float] | None = None, extra: Mapping[str, float] | None = None
) -> ProductTable:
    """The table with these words' costs, 0 for all others."""
    costs = WordCosts(*(np.zeros(len(table.vocabulary) + 1, np.float32) for _ in range(2)))
    for column, given in ((costs.missing, missing), (costs.extra, extra)):
        for word, cost in (given or {}).items():
            column[table.vocabulary.numbers[word]] = cost
    return replace(table, word_costs=costs)


def with_vectors(table: ProductTable, **vectors: tuple[float, ...]) -> ProductTable:
    """The table with these words' vectors, of unit length, zeros for all others."""
    values = np.zeros((len(table.vocabulary) + 1, len(next(iter(vectors.values())))), np.float32)
    for word, vector in vectors.items():
        values[table.vocabulary.numbers[word]] = np.array(vector) / np.linalg.norm(vector)
    return replace(table, word_vectors=WordVectors(values))


def events(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    """Events from rows of (type, product, user, days before NOW)."""
    content = [(kind, product, user, None, NOW - timedelta(days=days)) for kind, product, user, days in rows]
    return pl.DataFrame(content, schema=EVENT_SCHEMA, orient="row")


def behavior(table: ProductTable, *rows: tuple[str, str, str, float]) -> BehaviorStats:
    return BehaviorStats.compute(table, EventLog.of(table, events(*rows)), NOW.timestamp())


def habits(table: ProductTable, *rows: tuple[str, str, str, float]) -> HabitStats:
    return HabitStats.compute(table, EventLog.of(table, events(*rows)), NOW.timestamp())


def history_of_shopper(*rows: tuple[str, str, str, float]) -> History:
    """A history from rows of (type, product, user, days before NOW); the user does not matter."""
    kinds = np.array([KINDS[kind] for kind, *_ in rows], dtype=np.int8)
    times = np.array([NOW.timestamp() - days * 86_400 for *_, days in rows])
    return history_of([product for _, product, _, _ in rows], kinds, times, NOW.timestamp())


def columns(
    ids: Sequence[str],
    *,
    kind: QuestionKind | None = None,
    text: str | None = None,
    seeds: Sequence[str] = (),
    scores: ScoreColumns | None = None,
    bought: Sequence[tuple[str, str, str, float]] = (),
    history: History | None = None,
    table: ProductTable | None = None,
) -> dict[str, list[float]]:
    """Every column of a request by name, with one number per candidate."""
    table = table or shelf()
    kind = kind or ("product" if seeds else "text")
    request = FeatureRequest.of(
        kind, text, table.rows(seeds), table.rows(ids), scores or {},
        table=table, behavior=behavior(table, *bought), habits=habits(table, *bought), now=NOW.timestamp(),
        history=history,
    )  # fmt: skip
    matrix = registry.matrix(request)
    assert matrix.dtype == np.float32
    return dict(zip(registry.names(kind), matrix.T.tolist(), strict=True))


def roll_through(live: LiveStatistics) -> None:
    """Roll often enough to refresh every product's columns; the shop's clock advances by only a few microseconds."""
    for _ in range(REFRESHED):
        live.roll(float(np.nextafter(live.now, np.inf)))
