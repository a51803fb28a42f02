"""A product written while the shop is served gets the features that a build would give it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.catalog.changes import CatalogChanges
from shelfwise_ranker.catalog.room import behavior_with_room, habits_with_room, table_with_room
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import PURCHASE, VIEW, EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.products import ProductTable, WordCosts
from tests.support.ranker import shop_events, shop_products

from .shelf import history_of_shopper, roll_through

ROOM = 40
PRODUCTS = shop_products().with_columns(attributes=pl.col("attributes").str.json_decode(pl.Struct({"size": pl.String})))
EVENTS = shop_events(PRODUCTS)
AS_OF = float(EVENTS["timestamp"].dt.epoch("us").max() or 0) / 1e6 + 1  # type: ignore[arg-type]

CHANGED: list[dict[str, Any]] = [
    # Changed: another price; another title, of words in the catalog; another category and brand.
    {"product_id": "p003", "title": "Nail Polish 2 Oz", "brand": None, "category": ["Beauty", "Nails"], "price": 55.0},
    {"product_id": "p010", "title": "Hair Gel 2 oz", "brand": "Crisp", "category": ["Beauty", "Hair"], "price": 3.0},
    {"product_id": "p100", "title": "Corn Chips 16 Oz", "brand": "Glow", "category": ["Food", "Drinks"], "price": 4.0},
    # New: one like others; some with unknown words, brands and categories; one with almost no fields.
    {"product_id": "new1", "title": "Nail Polish 16 Oz", "brand": "Glow", "category": ["Beauty", "Nails"], "price": 7.5,
     "rating": 4.5, "rating_count": 12, "attributes": {"size": "16 oz"}},
    {"product_id": "new2", "title": "Quillon Zyxnova Nails 5", "brand": "Zyxnova", "category": ["Beauty", "Quills"],
     "price": 12.0, "attributes": {"shade": "ultramarine"}},
    {"product_id": "new3", "title": "Hammer", "brand": "Zyxnova", "category": ["Tools", "Hand Tools", "Hammers"]},
    {"product_id": "new4", "title": "Hammer", "brand": "Zyxnova", "category": ["Tools", "Hand Tools", "Hammers"], "price": 2.0},
    {"product_id": "new5", "title": "Thing", "brand": None, "category": []},
]  # fmt: skip
ASKED = [*(product["product_id"] for product in CHANGED), "p000", "p001", "p012", "p101", "nobody"]


def statistics(table: ProductTable) -> tuple[BehaviorStats, HabitStats]:
    log = EventLog.of(table, EVENTS)
    return BehaviorStats.compute(table, log, AS_OF), HabitStats.compute(table, log, AS_OF)


class Living:
    """What a ranker holds of the small shop, ready for catalog changes."""

    def __init__(self, table: ProductTable, room: int = ROOM) -> None:
        behavior, habits = statistics(table)
        self.table = table_with_room(table, room)
        self.behavior, self.habits = behavior_with_room(behavior, room), habits_with_room(habits, room)
        recent = RecentEvents.of(table.ids, EVENTS, AS_OF, AS_OF, None)
        self.statistics = LiveStatistics(self.table, self.behavior, recent)
        assert table.names is not None
        self.changes = CatalogChanges(self.table, self.habits, self.statistics, 0)

    def matrix(self, kind: QuestionKind, **asked: Any) -> NDArray[np.float32]:
        return matrix(self.table, self.behavior, self.habits, kind, **asked)


def matrix(
    table: ProductTable,
    behavior: BehaviorStats,
    habits: HabitStats,
    kind: QuestionKind,
    text: str | None = None,
    seeds: Sequence[str] = (),
    history: History | None = None,
    ids: Sequence[str] = tuple(ASKED),
) -> NDArray[np.float32]:
    scores = {"dense": np.linspace(0.9, 0.2, len(ids), dtype=np.float32), "lexical": np.full(len(ids), 3.0, np.float32)}
    request = FeatureRequest.of(
        kind, text, table.rows(seeds), table.rows(ids), scores,
        table=table, behavior=behavior, habits=habits, now=AS_OF, history=history,
    )  # fmt: skip
    return registry.matrix(request)


def after() -> ProductTable:
    """The table of the changed shop, but with the word weights and the mean rating of the shop before the changes."""
    known = {product["product_id"]: product for product in PRODUCTS.iter_rows(named=True)}
    for product in CHANGED:
        known[product["product_id"]] = product
    rows = [{name: product.get(name) for name in PRODUCTS.columns} for product in known.values()]
    for row in rows:
        row["attributes"] = row["attributes"] or {}
    frame = pl.DataFrame([pl.Series(name, [row[name] for row in rows], dtype=_type(name)) for name in PRODUCTS.columns])
    before = build_table(PRODUCTS)
    rated = PRODUCTS.select("rating", pl.col("rating_count").fill_null(1)).drop_nulls().to_numpy()
    table = build_table(frame, usual_rating=float(np.average(rated[:, 0], weights=rated[:, 1])))
    vocabulary = table.vocabulary
    vocabulary.documents = before.vocabulary.documents
    vocabulary.frequencies = [
        before.vocabulary.frequencies[before.vocabulary.numbers[part] - 1] if part in before.vocabulary.numbers else 1
        for part in vocabulary.tokens
    ]
    return table


def _type(name: str) -> pl.DataType:
    return pl.Object() if name == "attributes" else PRODUCTS.schema[name]


@pytest.fixture
def living() -> Living:
    return Living(build_table(PRODUCTS))


QUESTIONS: list[tuple[QuestionKind, dict[str, Any]]] = [
    ("text", {"text": "nail polish 16 oz"}),
    ("text", {"text": "zyxnova quillon"}),
    ("text", {"text": "zyxnva hammers glow"}),
    ("product", {"seeds": ["new2"]}),
    ("product", {"seeds": ["p010"]}),
    ("together", {"seeds": ["p000", "new3"]}),
    ("user", {"history": history_of_shopper(("purchase", "p001", "u", 3), ("view", "new2", "u", 1))}),
]


@pytest.mark.parametrize(("kind", "asked"), QUESTIONS)
def test_features_after_catalog_changes_equal_those_of_a_new_build(
    living: Living, kind: QuestionKind, asked: dict[str, Any]
) -> None:
    living.matrix(kind, **asked)  # so that everything computed only once is computed before the changes
    living.changes.take(CHANGED)
    roll_through(living.statistics)
    table = after()
    expected = dict(zip(registry.names(kind), matrix(table, *statistics(table), kind, **asked).T, strict=True))
    found = dict(zip(registry.names(kind), living.matrix(kind, **asked).T, strict=True))
    for name, column in expected.items():
        # Habits of the whole shop, known only from events, change with the next bundle; so does their as-of time.
        tolerance = 5e-2 if name in ("days_on_sale",) else 1e-4
        np.testing.assert_allclose(found[name], column, rtol=tolerance, atol=tolerance, err_msg=name)


def test_changes_one_at_a_time_give_the_same_features_as_all_at_once(living: Living) -> None:
    other = Living(build_table(PRODUCTS))
    living.changes.take(CHANGED)
    for product in CHANGED:
        other.changes.take([product])
    other.changes.take(CHANGED)
    for kind, asked in QUESTIONS:
        np.testing.assert_allclose(living.matrix(kind, **asked), other.matrix(kind, **asked), rtol=1e-5, err_msg=kind)


def test_a_brand_and_a_category_written_otherwise_keep_their_numbers(living: Living) -> None:
    living.changes.take([{"product_id": "new", "title": "Base coat", "brand": "GLOW", "category": ["beauty ", "NAILS"]}])
    table = living.table
    new, known = table.rows(["new", "p000"]).tolist()
    assert (table.brand[new], table.leaf[new], table.parent[new]) == (
        table.brand[known],
        table.leaf[known],
        table.parent[known],
    )


def test_a_product_that_changes_back_has_its_former_features(living: Living) -> None:
    before = [living.matrix(kind, **asked) for kind, asked in QUESTIONS[:1]]
    row = PRODUCTS.row(by_predicate=pl.col("product_id") == "p010", named=True)
    living.changes.take([CHANGED[1]])
    assert not np.allclose(living.matrix("text", text="nail polish 16 oz"), before[0], equal_nan=True)
    living.changes.take([row])
    np.testing.assert_allclose(living.matrix("text", text="nail polish 16 oz"), before[0], rtol=1e-5)


def test_events_before_a_product_exists_are_counted_once_when_it_is_added(living: Living) -> None:
    told = [
        ("new1", AS_OF + 1, PURCHASE, 7),
        ("new1", AS_OF + 2, VIEW, 8),
        ("nobody", AS_OF + 2, VIEW, 8),
        ("p000", AS_OF + 2, VIEW, 8),
    ]
    living.statistics.count(*living.statistics.split(told))
    assert living.table.rows(["new1"]).tolist() == [-1]
    living.changes.take(CHANGED)
    row = int(living.table.rows(["new1"])[0])
    assert living.behavior.values[row, 0] == pytest.approx(np.log1p(1))
    living.changes.take(CHANGED)
    assert living.behavior.values[row, 0] == pytest.approx(np.log1p(1)), "once"


def test_purchases_move_with_their_product_to_another_category(living: Living) -> None:
    bought = living.table.ids[int(np.argmax(living.behavior.values[: len(PRODUCTS), 2]))]
    product = PRODUCTS.row(by_predicate=pl.col("product_id") == bought, named=True)
    living.changes.take([{**product, "category": ["Elsewhere"]}])
    table = after_one(bought, ["Elsewhere"])
    expected, _ = statistics(table)
    roll_through(living.statistics)
    np.testing.assert_allclose(living.behavior.values[: len(PRODUCTS)], expected.values[:-1], rtol=1e-4)


def after_one(product_id: str, category: list[str]) -> ProductTable:
    paths = [category if known == product_id else path for known, path in PRODUCTS.select("product_id", "category").iter_rows()]
    return build_table(PRODUCTS.with_columns(category=pl.Series(paths, dtype=pl.List(pl.String))))


def test_words_added_after_the_build_have_no_missing_words_cost() -> None:
    table = build_table(PRODUCTS)
    words = len(table.vocabulary) + 1
    living = Living(replace(table, word_costs=WordCosts(np.ones(words, np.float32), np.ones(words, np.float32))))
    living.changes.take(CHANGED)
    found = dict(zip(registry.names("text"), living.matrix("text", text="zyxnova quillon").T, strict=True))
    assert found["missing_words_cost"][ASKED.index("p000")] == 0


def test_new_products_beyond_the_reserved_room_stay_unknown() -> None:
    living = Living(build_table(PRODUCTS), room=2)
    living.changes.take(CHANGED)
    assert (living.table.rows(["new1", "new2", "new3"]) >= 0).tolist() == [True, True, False]
    assert living.changes.full
    assert np.isnan(living.behavior.values[-1]).all()
    assert living.table.leaf[-1] == len(living.table.categories)
