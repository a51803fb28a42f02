"""The union of the sources: what its callers, online or offline, rely on."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from shelfwise.contracts.filter import Filter
from shelfwise.errors import BundleDamaged, InvalidRequest, UnknownProduct
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.vectors import read_vectors, write_vectors
from tests.support.catalog import DIMENSION, SHELF, SPACE, build_shelf, vector_of


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("catalog")
    facts = build_shelf(folder)
    assert (facts["products"], facts["texts"], facts["lexical_documents"]) == (8, 6, 7)
    return Retriever.open(folder)


def test_a_text_with_a_vector_is_answered_by_words_and_meaning(retriever: Retriever) -> None:
    vector = vector_of("potato chips")
    found = retriever.retrieve(kind="text", text="potato chips", vector=vector)
    assert found.ids[:3] == ["chips-1", "chips-2", "chips-3"]
    assert found.ids == [SHELF[row]["product_id"] for row in found.rows]
    assert (np.diff(found.order) <= 0).all()
    assert found.why_fewer is None
    exact = [vector_of("potato chips snacks") @ vector, vector_of("nail polish red nails") @ vector]
    dense = dict(zip(found.ids, found.scores["dense"].tolist(), strict=True))
    assert [dense["chips-1"], dense["polish-1"]] == pytest.approx(exact, abs=1e-6)
    lexical = dict(zip(found.ids, found.scores["lexical"].tolist(), strict=True))
    assert np.isnan(lexical["lamp-1"])
    assert lexical["chips-1"] > lexical["corn-1"]


def test_candidates_found_only_by_words_have_a_dense_score_too(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="desk lamp", vector=vector_of("potato chips"), limit=2)
    assert "lamp-1" in found.ids
    assert not np.isnan(found.scores["dense"]).any()


def test_a_text_without_a_vector_is_answered_by_its_words(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="nail polish")
    assert found.ids == ["polish-1", "polish-2"]
    assert np.isnan(found.scores["dense"]).all()


def test_a_vector_without_a_text_is_answered_by_meaning(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", vector=vector_of("desk lamp home"), limit=1)
    assert found.ids == ["lamp-1"]
    assert found.scores["dense"].tolist() == pytest.approx([1.0], abs=1e-6)


def test_a_product_question_never_returns_its_seed(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="product", seeds=["polish-1"])
    assert found.ids[0] == "polish-2"
    assert "polish-1" not in found.ids
    assert len(found.ids) == len(SHELF) - 1


def test_a_question_of_several_seeds_returns_products_like_each_and_no_seed(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="product", seeds=["polish-1", "chips-1", "chips-1"], limit=4)
    assert not {"polish-1", "chips-1"} & set(found.ids)
    assert {"polish-2", "chips-2", "chips-3"} <= set(found.ids)


def test_excluded_products_are_not_returned_and_unknown_ones_ignored(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="potato chips", exclude=["chips-1", "chips-1", "never-heard-of"])
    assert found.ids[:2] == ["chips-2", "chips-3"]


def test_a_callers_list_is_returned_completely_and_exclusively(retriever: Retriever) -> None:
    """Even though the words find only one of them, and the list is longer than the limit."""
    listed = ["lamp-1", "polish-2", "chips-1", "unknown"]
    found = retriever.retrieve(kind="text", text="potato chips", vector=vector_of("potato chips"), only=listed, limit=1)
    assert found.ids[0] == "chips-1"
    assert sorted(found.ids) == ["chips-1", "lamp-1", "polish-2"]
    assert not np.isnan(found.scores["dense"]).any()
    everywhere = retriever.retrieve(kind="text", text="potato chips", vector=vector_of("potato chips"))
    for source, column in found.scores.items():
        assert column[0] == everywhere.scores[source][everywhere.ids.index("chips-1")]
    by_words = retriever.retrieve(kind="text", text="potato chips", only=listed, exclude=["lamp-1"])
    assert sorted(by_words.ids) == ["chips-1", "polish-2"]
    assert retriever.retrieve(kind="text", text="potato chips", only=[]).ids == []


def test_a_filter_that_leaves_fewer_than_the_limit_is_given_as_the_reason(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="chips", vector=vector_of("chips"), filter=Filter(brand=["glow"]), limit=5)
    assert set(found.ids) == {"polish-1", "polish-2", "chips-3"}
    assert found.why_fewer == "only 3 products satisfy the filter"


@pytest.mark.parametrize(
    ("conditions", "exclude", "sentence"),
    [
        ({"brand": "nobody"}, [], "no product has brand 'nobody'"),
        ({"brand": "glow", "price": {"min": 100}}, [], "no products satisfy the filter"),
        ({"brand": "glow", "category": "nails"}, ["polish-2"], "only 1 product satisfies the filter and is not excluded"),
        (
            {"brand": "glow"},
            ["polish-1", "chips-3"],
            "the one product that satisfies the filter and is not excluded does not match the question",
        ),
        ({"category": "snacks"}, [], "none of the 4 products that satisfy the filter match the question"),
        ({"in_stock": True}, [], "only 1 of the 7 products that satisfy the filter matches the question"),
    ],
)
def test_why_fewer_says_how_filter_exclusions_and_question_limit_the_answer(
    retriever: Retriever, conditions: dict[str, object], exclude: list[str], sentence: str
) -> None:
    found = retriever.retrieve(kind="text", text="red", filter=Filter.model_validate(conditions), exclude=exclude, limit=6)
    assert found.why_fewer == sentence


@pytest.mark.parametrize(
    ("text", "conditions", "sentence"),
    [
        (
            "chips",
            {"price": {"max": 3}},
            "only 2 products satisfy the filter; 1 of them has the same text as others that were found",
        ),
        (
            "chips",
            {"in_stock": True},
            "only 4 of the 7 products that satisfy the filter match the question; "
            "2 of them have the same text as others that were found",
        ),
        ("corn", {"in_stock": True}, "only 1 of the 7 products that satisfy the filter matches the question"),
    ],
)
def test_why_fewer_counts_products_left_out_by_per_text_as_matching(
    retriever: Retriever, text: str, conditions: dict[str, object], sentence: str
) -> None:
    wanted = Filter.model_validate(conditions)
    found = retriever.retrieve(kind="text", text=text, sources=["lexical"], filter=wanted, limit=8, per_text=1)
    assert found.why_fewer == sentence


def test_why_fewer_says_that_not_all_products_of_the_filter_match(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="potato", sources=["lexical"], filter=Filter(brand="glow"))
    assert found.ids == ["chips-3"]
    assert found.why_fewer == "only 1 of the 3 products that satisfy the filter matches the question"


def test_a_filter_that_leaves_enough_products_gives_a_full_answer(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="x", vector=vector_of("red"), filter=Filter(category=["food"]), limit=5)
    assert len(found.ids) == 5
    assert found.why_fewer is None


def test_invalid_questions_are_refused(retriever: Retriever) -> None:
    with pytest.raises(UnknownProduct, match="'never-heard-of'"):
        retriever.retrieve(kind="product", seeds=["never-heard-of"])
    with pytest.raises(InvalidRequest, match="found neither"):
        retriever.retrieve(kind="text")
    with pytest.raises(InvalidRequest, match="expected seeds"):
        retriever.retrieve(kind="product")
    with pytest.raises(InvalidRequest, match=f"expected a vector of {DIMENSION} numbers, found 3"):
        retriever.retrieve(kind="text", vector=np.ones(3, np.float32))


def test_a_filter_by_an_attribute_that_no_product_has_finds_nothing(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="lamp", filter=Filter(attributes={"weight": ["1"]}))
    assert found.ids == []
    assert found.why_fewer == "no product has the attribute 'weight' (those of this catalog: color, voltage)"


def test_vectors_that_do_not_fit_the_catalog_raise_bundle_damaged(tmp_path: Path) -> None:
    build_shelf(tmp_path)
    write_vectors(tmp_path / "vectors.safetensors", np.eye(8, DIMENSION, dtype=np.float32), np.arange(7, dtype=np.int32), SPACE)
    with pytest.raises(BundleDamaged, match="expected 8 rows, found 7"):
        Retriever.open(tmp_path)
    write_vectors(tmp_path / "vectors.safetensors", np.eye(2, DIMENSION, dtype=np.float32), np.arange(8, dtype=np.int32), SPACE)
    with pytest.raises(BundleDamaged, match="vectors 0 to 1"):
        read_vectors(tmp_path / "vectors.safetensors", 8)


def test_per_text_keeps_only_the_most_popular_products_of_a_text(retriever: Retriever) -> None:
    vector = vector_of("potato chips")
    every = retriever.retrieve(kind="text", text="potato chips", vector=vector, per_text=None)
    one_each = retriever.retrieve(kind="text", text="potato chips", vector=vector, per_text=1)
    assert len(every.ids) == 8
    assert len(one_each.ids) == 6
    first_of_text: dict[str, str] = {}
    for row in sorted(every.rows.tolist()):
        first_of_text.setdefault(str((SHELF[row]["title"], SHELF[row].get("category"))), SHELF[row]["product_id"])
    assert set(one_each.ids) == set(first_of_text.values())


def test_per_text_leaves_room_for_products_of_other_texts(retriever: Retriever) -> None:
    found = retriever.retrieve(kind="text", text="potato chips", vector=vector_of("potato chips"), limit=3, per_text=1)
    assert len({SHELF[row]["title"] for row in found.rows}) >= 3


@pytest.mark.parametrize("source", ["lexical", "spelled"])
def test_many_brands_of_one_title_leave_room_for_other_titles(tmp_path: Path, source: str) -> None:
    shirts = [{"product_id": f"t{number}", "title": "T-Shirt", "brand": f"Brand {number}"} for number in range(400)]
    longer = [{"product_id": f"l{number}", "title": f"Cotton t-shirt, model {number}", "brand": "Own"} for number in range(200)]
    build_shelf(tmp_path, [*shirts, *longer])
    retriever = Retriever.open(tmp_path)
    for limit in (10, 100):
        found = retriever.retrieve(kind="text", text="t-shirt", sources=[source], limit=limit)
        assert len(found.ids) == limit
        assert found.ids[:3] == ["t0", "t1", "t2"]
        assert all(product_id.startswith("l") for product_id in found.ids[3:])


def test_a_filter_that_nearly_all_products_pass_is_applied_exactly(retriever: Retriever, tmp_path: Path) -> None:
    """ "In stock" takes a short cut through the sources, which must give the same answer as the exact way."""
    shelf = [
        {"product_id": f"p{number}", "title": f"Red Lamp {number}", "category": ["Home"], "in_stock": number % 30 != 0}
        for number in range(120)
    ]
    folder = tmp_path / "catalog"
    folder.mkdir()
    build_shelf(folder, shelf)
    many = Retriever.open(folder)
    everything = many.retrieve(kind="text", text="red lamp", vector=vector_of("red lamp"), limit=200)
    found = many.retrieve(kind="text", text="red lamp", vector=vector_of("red lamp"), limit=20, filter=Filter(in_stock=True))
    out_of_stock = {product["product_id"] for product in shelf if not product["in_stock"]}
    assert out_of_stock <= set(everything.ids)
    assert not out_of_stock & set(found.ids)
    assert len(found.ids) >= 20
    assert all((~np.isnan(column)).sum() >= 20 for column in found.scores.values())


@pytest.mark.parametrize("source", ["dense", "lexical", "spelled"])
@pytest.mark.parametrize("others", [50, 200])  # 95 and 99 % are in stock
def test_the_most_popular_products_of_a_text_that_pass_a_filter_are_found(tmp_path: Path, source: str, others: int) -> None:
    shelf = [{"product_id": f"zebra-{number}", "title": "Zebra lamp", "in_stock": number > 3} for number in range(1, 8)]
    shelf += [{"product_id": f"p{number}", "title": f"Red lamp {number}"} for number in range(others)]
    build_shelf(tmp_path, shelf)
    found = Retriever.open(tmp_path).retrieve(
        kind="text",
        text="zebra lamp",
        vector=vector_of("zebra lamp"),
        sources=[source],
        filter=Filter(in_stock=True),
        limit=40,
        per_text=3,
    )
    assert found.ids[:3] == ["zebra-4", "zebra-5", "zebra-6"]
    assert "zebra-7" not in found.ids


def test_products_are_not_similar_only_because_of_the_same_amount(tmp_path: Path) -> None:
    titles = ["Bananas, 40 lb", "Onions, 40 lb", "Potatoes, 40 lb", "Bananas", "Organic bananas, 3 lb"]
    build_shelf(tmp_path, [{"product_id": title, "title": title} for title in titles])
    found = Retriever.open(tmp_path).retrieve(kind="product", seeds=["Bananas, 40 lb"], sources=["lexical"])
    assert set(found.ids) == {"Bananas", "Organic bananas, 3 lb"}


def test_memory_kept_for_filters_is_bounded_however_long_they_are(tmp_path: Path) -> None:
    build_shelf(tmp_path)
    retriever = Retriever.open(tmp_path, mask_bytes=100_000)
    long = "x" * 20_000
    tracemalloc.start()
    try:
        for number in range(100):
            unknown = Filter.model_validate({"attributes": {f"{number}{long}": "red"}})
            assert retriever.retrieve(kind="text", text="lamp", filter=unknown).ids == []
            known = Filter.model_validate({"brand": ["Glow", *(f"{number} {place}{long[:150]}" for place in range(99))]})
            assert "polish-1" in retriever.retrieve(kind="text", text="polish", filter=known).ids
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000
