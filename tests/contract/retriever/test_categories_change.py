"""The most popular products of a category while products are added, removed and moved to other categories."""

from pathlib import Path

import numpy as np
import pytest

from shelfwise_retriever.changes.changing import ProductChange
from shelfwise_retriever.retrieve import Retriever
from tests.support.catalog import build_shelf

from .test_behavioral import BEHAVIOR, told
from .test_changes import changed_and_new


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Retriever, Retriever]:
    return changed_and_new(tmp_path_factory.mktemp("both"), 900)


def assert_same_shelves(both: tuple[Retriever, Retriever], asked: list[str]) -> None:
    assert len(asked) > 10
    for product_id in asked:
        one, other = (
            retriever.retrieve(kind="together", seeds=[product_id], sources=["category"], limit=15) for retriever in both
        )
        assert one.ids == other.ids
        assert len(one.ids)
        np.testing.assert_allclose(one.scores["category"], other.scores["category"], rtol=1e-6)


def test_category_answers_after_many_changes_equal_those_of_a_new_build(both: tuple[Retriever, Retriever]) -> None:
    _, new = both
    asked = [
        product_id for product_id in new.catalog.ids[::7] if new.catalog.product(new.catalog.row(product_id)).get("category")
    ]
    assert_same_shelves(both, asked)


def test_category_answers_by_brand_after_many_changes_equal_those_of_a_new_build(both: tuple[Retriever, Retriever]) -> None:
    _, new = both
    known = map(new.catalog.product, map(new.catalog.row, new.catalog.ids))
    asked = [product["product_id"] for product in known if product.get("brand") and not product.get("category")]
    assert_same_shelves(both, asked)


def test_a_new_product_without_a_category_joins_its_brand_at_once(tmp_path: Path) -> None:
    build_shelf(tmp_path, behavior=BEHAVIOR)
    live = Retriever.open(tmp_path, last_change=0)
    assert live.changing is not None
    for product_id in ("odd", "end"):
        new = {"product_id": product_id, "title": f"{product_id} thing", "brand": "Nobody"}
        live.changing.apply([ProductChange(product_id, new, vector=live.changing.indexes.vectors[0])])
    for seed, other in (("odd", "end"), ("end", "odd")):
        assert live.retrieve(kind="together", seeds=[seed], sources=["category"]).ids == [other]


def test_new_products_come_last_in_their_category_and_removed_ones_leave_it(tmp_path: Path) -> None:
    build_shelf(tmp_path, behavior=BEHAVIOR)
    live = Retriever.open(tmp_path, last_change=0)
    assert live.changing is not None

    def chips() -> dict[str, float]:
        return told(live.retrieve(kind="together", seeds=["corn-1"], sources=["category"]), "category")

    assert list(chips()) == ["chips-3", "chips-1", "chips-2"]
    new = {"product_id": "chips-4", "title": "Beet chips", "category": live.catalog.product(1)["category"]}
    live.changing.apply([ProductChange("chips-4", new, vector=live.changing.indexes.vectors[0])])
    assert chips() == pytest.approx({"chips-3": 1, "chips-1": 1 / np.log2(3), "chips-2": 1 / 2, "chips-4": 1 / np.log2(6)})
    live.changing.apply([ProductChange("chips-1", None)])
    assert chips() == pytest.approx({"chips-3": 1, "chips-2": 1 / np.log2(3), "chips-4": 1 / np.log2(5)})
    elsewhere = {**new, "category": ["Food", "Beets"], "brand": "Own"}
    live.changing.apply([ProductChange("chips-4", elsewhere, vector=live.changing.indexes.vectors[0])])
    assert list(chips()) == ["chips-3", "chips-2"]
    beets = {**elsewhere, "product_id": "beets", "title": "Beets"}
    live.changing.apply([ProductChange("beets", beets, vector=live.changing.indexes.vectors[0])])
    found = live.retrieve(kind="together", seeds=["beets"], sources=["category"])
    assert told(found, "category") == pytest.approx({"chips-4": 1.5}), "a new category, and a new brand of the question"
