"""A small invented shop with known habits, a retriever over it, and a ranker's bundle, built from it as by a build."""

import random
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.bundle import BundleStore, BundleWriter
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.behavior import fit_behavior
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.facts import RankerFacts
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_ranker.text import tokens
from shelfwise_retriever.behavior import Behavior

DIMENSION = 64
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120
SMALL_PLAN = Plan(
    train=300, validate=80, test=100, catalog=40, fusion=20, warm_up=2, behavioral=400, windows=6, behavioral_held_out=80
)

_SHELVES = {
    ("Beauty", "Nails"): ("nail polish", "nail file", "nail gel"),
    ("Beauty", "Hair"): ("hair brush", "shampoo", "hair gel"),
    ("Food", "Snacks"): ("potato chips", "corn chips", "pretzels"),
    ("Food", "Drinks"): ("apple juice", "orange juice", "chocolate milk"),
    ("Home", "Paint"): ("wall paint", "paint brush", "wood stain"),
}
_SIZES = ("2 oz", "16 oz", "1.5 l")
_BRANDS = ("Glow", "Crisp", "Maker 7", None)


def shop_products() -> pl.DataFrame:
    """180 products; the four of a shelf, kind and size differ only in brand and price."""
    rows = [
        {
            "product_id": f"p{number:03}",
            "title": f"{kind} {size}".title(),
            "brand": brand,
            "category": list(path),
            "price": None if number % 17 == 0 else 1.0 + number % 23,
            "rating": None if number % 3 else 3.0 + number % 5 / 2,
            "rating_count": None if number % 3 else number,
            "in_stock": True,
            "attributes": f'{{"size": "{size}"}}',
            "created_at": FIRST_DAY + timedelta(days=90) if number % 40 == 39 else None,
        }
        for number, (path, kind, size, brand) in enumerate(
            (path, kind, size, brand)
            for path, kinds in _SHELVES.items()
            for kind in kinds
            for size in _SIZES
            for brand in _BRANDS
        )
    ]
    return pl.DataFrame(rows, schema_overrides={"created_at": pl.Datetime("us", "UTC")})


def shop_events(products: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """Baskets of 60 shoppers, each with a favourite shelf, of which a few products are bought far more than the others."""
    draw = random.Random(seed)
    shelves: dict[str, list[str]] = {}
    for product_id, path in products.select("product_id", "category").iter_rows():
        shelves.setdefault(path[-1], []).append(product_id)
    for shelf in shelves.values():
        draw.shuffle(shelf)
    rows = []
    for day in range(DAYS):
        for shopper in draw.sample(range(60), 12):
            shelf = shelves[sorted(shelves)[shopper % len(shelves)]]
            popularity = [1.0 / (1 + place) for place in range(len(shelf))]
            moment = FIRST_DAY + timedelta(days=day, seconds=draw.randrange(86_400))
            basket = dict.fromkeys(draw.choices(shelf, popularity, k=4))
            rows += [("purchase", product_id, f"u{shopper}", f"b{day}-{shopper}", moment) for product_id in basket]
            rows.append(("view", draw.choice(shelf), f"u{shopper}", f"b{day}-{shopper}", moment - timedelta(minutes=5)))
    names = ("type", "product_id", "user_id", "session_id", "timestamp")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"timestamp": pl.Datetime("us", "UTC")}, orient="row")
    return frame.with_row_index("event_id").with_columns(pl.col("event_id").cast(pl.String))


def visits(products: pl.DataFrame, shoppers: int = 300, seed: int = 3) -> pl.DataFrame:
    """Ten visits of each shopper, who views four products, two of them from a few favourites, puts one of the four into the
    cart, and mostly buys it."""
    draw = np.random.default_rng(seed)
    ids = products["product_id"].to_list()
    popularity = 1 / np.arange(1, len(ids) + 1)
    popularity /= popularity.sum()
    rows = []
    for shopper in range(shoppers):
        favourites = draw.choice(len(ids), 8, replace=False, p=popularity)
        for visit in range(10):
            moment = FIRST_DAY + timedelta(days=float(draw.uniform(0, DAYS)))
            seen = np.unique(
                [*draw.choice(favourites, 2, replace=False), *draw.choice(len(ids), 2, replace=False, p=popularity)]
            )
            clicks = [("view", place) for place in draw.permutation(seen).tolist()]
            wanted = int(draw.choice(seen))
            clicks += [("add_to_cart", wanted), ("purchase", wanted)][: 2 if draw.random() < 0.7 else 1]
            rows += [
                (kind, ids[place], f"u{shopper}", f"v{shopper}-{visit}", moment + timedelta(minutes=2 * minute))
                for minute, (kind, place) in enumerate(clicks)
            ]
    names = ("type", "product_id", "user_id", "session_id", "timestamp")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"timestamp": pl.Datetime("us", "UTC")}, orient="row")
    return frame.sort("timestamp").with_row_index("event_id").with_columns(pl.col("event_id").cast(pl.String))


def encode(texts: list[str]) -> NDArray[np.float32]:
    """Unit vectors, similar for texts that share stems; the same in every process."""
    vectors = [
        sum((np.random.default_rng(list(part.encode())).normal(size=DIMENSION) for part in tokens(text)), np.zeros(DIMENSION))
        for text in texts
    ]
    lengths = [float(np.linalg.norm(vector)) or 1.0 for vector in vectors]
    return np.array([vector / length for vector, length in zip(vectors, lengths, strict=True)], dtype=np.float32)


@dataclass(frozen=True)
class Found:
    """Candidates, in columns."""

    ids: list[str]
    scores: dict[str, NDArray[np.float32]]
    order: NDArray[np.float32]


class SmallRetriever:
    """Ranks by exact cosines and the number of shared words; ties go to the earlier row."""

    def __init__(self, products: pl.DataFrame, behavior: Behavior | None = None) -> None:
        self._products = products
        self._behavior = behavior or Behavior.empty(products.height)
        self._ids = products["product_id"].to_list()
        self._out_of_stock = products.filter(~pl.col("in_stock"))["product_id"].to_list()
        self._titles = products["title"].to_list()
        self._words = [set(tokens(title)) for title in self._titles]
        self._vectors = encode(self._titles)
        self._meaning: NDArray[np.float32] | None = None

    def corrected(self, text: str, *, apart: bool = True) -> str | None:
        return None

    def vectors_of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[[self._ids.index(product_id) for product_id in ids]]

    def with_judged(self, meaning: NDArray[np.float32]) -> "SmallRetriever":
        other = copy(self)
        other._meaning = meaning
        return other

    def retrieve(
        self,
        *,
        kind: QuestionKind,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        seeds: Sequence[str] = (),
        history: History | None = None,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        filter: Filter | None = None,
        limit: int = 100,
    ) -> Found:
        if filter is not None and filter.in_stock:
            exclude = [*exclude, *self._out_of_stock]
        if kind in ("together", "user"):
            return self._of_behavior(kind, seeds, history, exclude, limit)
        if kind == "product":
            text = self._titles[self._ids.index(seeds[0])]
            vector = encode([text])[0]
        assert text is not None
        assert vector is not None
        dense = self._vectors @ vector
        asked = set(tokens(text))
        shared = np.array([len(asked & words) for words in self._words], dtype=np.float32)
        lexical = np.where(shared > 0, shared, np.nan).astype(np.float32)
        order = (dense + shared / 10).astype(np.float32)
        left_out = {*exclude, *seeds} | (set() if only is None else set(self._ids) - set(only))
        ranked = [row for row in np.argsort(-order, kind="stable").tolist() if self._ids[row] not in left_out]
        best = ranked[: limit if only is None else None]
        scores = {"dense": dense[best], "lexical": lexical[best]}
        if kind == "text" and self._meaning is not None:
            scores["judged"] = self._vectors[best] @ (vector @ self._meaning)
        if kind == "product":
            scores["category"] = self._on_shelf_of(seeds[0])[best]
        return Found([self._ids[row] for row in best], scores, order[best])

    @property
    def product_ids(self) -> Sequence[str]:
        return self._ids

    def with_behavior(self, behavior: Behavior) -> "SmallRetriever":
        return SmallRetriever(self._products, behavior)

    def _on_shelf_of(self, seed: str) -> NDArray[np.float32]:
        """[products] the reciprocal rank of each in the seed's category; NaN for products of others."""
        shelves = [path[-1] for path in self._products["category"].to_list()]
        there = np.array([shelf == shelves[self._ids.index(seed)] for shelf in shelves])
        return np.where(there, 1 / np.maximum(np.cumsum(there), 1), np.nan).astype(np.float32)

    def _of_behavior(
        self, kind: QuestionKind, seeds: Sequence[str], history: History | None, exclude: Sequence[str], limit: int
    ) -> Found:
        """What is bought together with the seeds or the history, what the shopper bought, and what is trending."""
        past = dict(zip(history.products, history.decayed, strict=True)) if history is not None else {}
        past = {product: decayed for product, decayed in past.items() if product in self._ids}
        rows = np.array([self._ids.index(product) for product in (seeds or past)], dtype=np.int32)
        nothing = np.zeros(len(self._ids), np.float32)
        goes_with, together = nothing.copy(), self._behavior.together
        goes_with[together.others] = together.accumulate(rows, np.ones(len(rows), np.float32))
        columns = {"together": goes_with, "trending": self._behavior.trending}
        if kind == "user" and history is not None:
            columns["own"] = nothing.copy()
            columns["own"][rows] = list(past.values())
        left_out = {*exclude, *(seeds if kind == "together" else ())}
        allowed = np.array([product not in left_out for product in self._ids])
        order = sum((column / max(float(column.max()), 1e-9) for column in columns.values()), nothing)
        best = [row for row in np.argsort(-order, kind="stable").tolist() if allowed[row] and order[row] > 0][:limit]
        scores = {name: np.where(column > 0, column, np.nan)[best].astype(np.float32) for name, column in columns.items()}
        return Found([self._ids[row] for row in best], scores, order[best].astype(np.float32))


@dataclass(frozen=True)
class Trained:
    """A ranker's folder, and the facts that its training returned."""

    folder: Path
    facts: RankerFacts


def build_ranker(
    folder: Path, events: pl.DataFrame | None = None, products: pl.DataFrame | None = None, plan: Plan = SMALL_PLAN
) -> RankerFacts:
    """Train on the small shop, with other events or products if given, and write the ranker's folder."""
    products = shop_products() if products is None else products
    events = shop_events(products) if events is None else events
    shop = Shop(products, events)
    split = shop.periods()
    known = fit_behavior(products["product_id"].to_list(), events, split.train_from) if split is not None else None
    return train_rankers(shop, SmallRetriever(products, known), encode, folder, plan=plan)


def publish_ranker(bundles: Path, built: Path, version: str = "v1") -> None:
    """Publish a bundle whose ranker part is the folder `built`."""
    with BundleWriter(str(bundles), version) as writer:
        part = writer.part("ranker")
        for path in built.rglob("*"):
            if path.is_file():
                target = part / path.relative_to(built)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        writer.finish(data_fingerprint="test", last_change=0, encoder={}, catalog={}, features={}, evaluation={})
    BundleStore(str(bundles)).publish(version)
