"""The `spelled` source: titles that are spelled like the question's text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.filter import Filter
from shelfwise_retriever.candidates import Candidates
from shelfwise_retriever.changes.compaction import compact
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.sources.spelled import SpelledSource
from tests.contract.retriever.test_changes import change, opened

PRODUCTS: list[dict[str, Any]] = [
    {"product_id": "grill", "title": "Barbeque Grill", "brand": "Own", "category": ["Garden"]},
    {"product_id": "sauce", "title": "Barbecue Sauce, 18 oz", "brand": "Own", "category": ["Food"]},
    {"product_id": "saw", "title": "Chainsaw XK-4410B", "brand": "Other", "category": ["Tools"]},
    {"product_id": "cordless", "title": "Cordless Drill", "brand": "Other", "category": ["Tools"]},
    {"product_id": "cafe", "title": "Café au Lait", "brand": "Own", "category": ["Food"]},
    *({"product_id": f"other-{number}", "title": f"Thing {number}", "category": ["Things"]} for number in range(40)),
]


@pytest.fixture
def retriever(tmp_path: Path) -> Retriever:
    return opened(tmp_path / "shelf", PRODUCTS)


def spelled(retriever: Retriever, text: str, **asked: Any) -> Candidates:
    return retriever.retrieve(kind="text", text=text, sources=[SpelledSource.name], **asked)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("barbequing", "grill"),
        ("xk4410b chain-saw", "saw"),
        ("4410", "saw"),
        ("cordles dril", "cordless"),
        ("CAFE", "cafe"),
        ("barbecue sauce", "sauce"),
    ],
)
def test_titles_spelled_like_the_text_are_found(retriever: Retriever, text: str, first: str) -> None:
    assert spelled(retriever, text).ids[:1] == [first]


@pytest.mark.parametrize("text", ["", "?!", "zzzzzz", "a", "grindstone of the unknown"])
def test_titles_spelled_unlike_the_text_are_not_found(retriever: Retriever, text: str) -> None:
    assert spelled(retriever, text).ids == []


def test_spelled_respects_filters_and_exclusions(retriever: Retriever) -> None:
    assert spelled(retriever, "barbecue", filter=Filter(category="garden")).ids == ["grill"]
    assert spelled(retriever, "barbecue", exclude=["grill"]).ids == ["sauce"]


def test_a_very_long_text_is_answered(retriever: Retriever) -> None:
    assert spelled(retriever, "chainsaw xk-4410b " * 1_000).ids == ["saw"]
    assert spelled(retriever, " ".join(f"chainsaw{number}" for number in range(5_000))).ids == []


def test_per_text_does_not_fill_the_answer_with_titles_that_are_little_alike(tmp_path: Path) -> None:
    same = [{"product_id": f"sauce-{number}", "title": "Barbecue Sauce", "brand": f"Brand {number}"} for number in range(12)]
    retriever = opened(tmp_path / "shelf", [*same, {"product_id": "grill", "title": "Barbeque Grill"}, *PRODUCTS[5:]])
    assert spelled(retriever, "barbecue", limit=2, per_text=1).ids == ["sauce-0", "grill"]
    assert spelled(retriever, "barbecue", limit=4, per_text=1).ids == ["sauce-0", "grill"]
    assert spelled(retriever, "barbecue sauce things", limit=4, per_text=1).ids == ["sauce-0"]


async def test_spelled_follows_changes_and_a_compaction_changes_its_scores_little(retriever: Retriever) -> None:
    change(retriever, {"product_id": "twin", "title": "Barbeque Grill", "brand": "Another", "category": ["Garden"]})
    change(retriever, {"product_id": "sauce", "title": "Ketchup", "brand": "Own", "category": ["Food"]})
    before = spelled(retriever, "barbecue", per_text=None)
    assert set(before.ids) == {"grill", "twin"}
    np.testing.assert_allclose(before.scores["spelled"][0], before.scores["spelled"][1], rtol=1e-5)
    await compact(retriever)
    after = spelled(retriever, "barbecue", per_text=None)
    assert set(after.ids) == {"grill", "twin"}
    np.testing.assert_allclose(after.scores["spelled"], before.scores["spelled"], rtol=0.3)
