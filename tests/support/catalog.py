"""Small catalogs with known neighbours, built like those of bundles."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.bundle import BundleStore, BundleWriter
from shelfwise.contracts.product import document_text
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.build import build_catalog
from shelfwise_retriever.chance import Chance

DIMENSION = 32
SPACE = VectorSpace(model="tokens-test", dimension=DIMENSION, normalized=True)

SHELF: list[dict[str, Any]] = [
    {"product_id": "chips-1", "title": "Potato chips", "brand": "Crisp & Co", "category": ["Food", "Snacks"], "price": 2.0},
    {"product_id": "chips-2", "title": "Potato chips", "brand": "Crisp & Co", "category": ["Food", "Snacks"], "price": 3.0},
    {"product_id": "polish-1", "title": "Nail polish red", "brand": "Glow", "category": ["Beauty", "Nails"], "price": 5.0},
    {"product_id": "corn-1", "title": "Corn chips", "brand": "Maize", "category": ["Food", "Snacks"], "rating": 4.5},
    {
        "product_id": "polish-2",
        "title": "Nail polish blue",
        "brand": "Glow",
        "category": ["Beauty", "Nails"],
        "in_stock": False,
    },
    {"product_id": "potato-1", "title": "Potatoes 5 lb", "category": ["Food", "Vegetables"], "price": 4.0},
    {"product_id": "chips-3", "title": "Potato chips", "brand": "GLOW", "category": ["Food", "Snacks"]},
    {"product_id": "lamp-1", "title": "Desk lamp", "category": ["Home"], "attributes": {"Color": "Red", "voltage": "12"}},
]


def vector_of(text: str) -> NDArray[np.float32]:
    """The unit vector of a text, similar for texts that share words; the same in every process."""
    words = text.casefold().replace(".", " ").split() or [""]
    sums = sum(np.random.default_rng(list(word.encode())).normal(size=DIMENSION) for word in words)
    return np.asarray(sums / np.linalg.norm(sums), np.float32)


def products_frame(products: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """The products as the frame that `build_catalog` expects."""
    fields = ("product_id", "title", "description", "brand", "category", "price", "rating", "in_stock")
    columns = {name: [product.get(name) for product in products] for name in fields}
    columns["category"] = [product.get("category", []) for product in products]
    columns["in_stock"] = [product.get("in_stock", True) for product in products]
    frame = pl.DataFrame(columns, schema_overrides={"price": pl.Float64, "rating": pl.Float64, "description": pl.String})
    attributes = pl.Series("attributes", [product.get("attributes", {}) for product in products], pl.Map(pl.String, pl.String))
    return frame.with_columns(attributes)


def build_shelf(
    target: Path,
    products: Sequence[dict[str, Any]] = SHELF,
    behavior: Behavior | None = None,
    chance: Chance | None = None,
) -> dict[str, Any]:
    """Build the catalog part of `products` in `target`."""
    numbers: dict[str, int] = {}
    texts = [document_text(product["title"], product.get("category", [])) for product in products]
    text_of_row = np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int32)
    vectors = np.stack([vector_of(text) for text in numbers])
    return build_catalog(target, products_frame(products), vectors, text_of_row, SPACE, behavior=behavior, chance=chance)


def publish_shelf(
    bundles: Path,
    products: Sequence[dict[str, Any]] = SHELF,
    version: str = "v1",
    last_change: int = 0,
    last_change_at: datetime | None = None,
) -> None:
    """Publish a bundle with nothing but a catalog part."""
    with BundleWriter(str(bundles), version) as writer:
        facts = build_shelf(writer.part("catalog"), products)
        last = {"last_change": last_change, "last_change_at": last_change_at}
        writer.finish(data_fingerprint="test", **last, encoder={}, catalog=facts, features={}, evaluation={})
    BundleStore(str(bundles)).publish(version)
