"""A changed catalog answers like one that was built of the same products."""

import random
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter, Range
from shelfwise.contracts.product import document_text
from shelfwise.errors import UnknownProduct
from shelfwise_retriever.candidates import Candidates
from shelfwise_retriever.changes.changing import ProductChange
from shelfwise_retriever.lexical_query import Clause
from shelfwise_retriever.live_documents import LiveDocuments
from shelfwise_retriever.retrieve import Retriever
from tests.support.catalog import SHELF, build_shelf, vector_of

_WORDS = ("red", "blue", "green", "soft", "hard", "salty", "sweet", "large", "small", "fresh")
_THINGS = ("chips", "polish", "lamp", "shampoo", "bread", "milk", "cheese", "soap")


def opened(folder: Path, products: list[dict[str, Any]]) -> Retriever:
    folder.mkdir()
    build_shelf(folder, products)
    return Retriever.open(folder, last_change=0)


def change(retriever: Retriever, product: dict[str, Any]) -> None:
    assert retriever.changing is not None
    vector = vector_of(document_text(product["title"], product.get("category", [])))
    retriever.changing.apply([ProductChange(product["product_id"], product, vector)])


def remove(retriever: Retriever, product_id: str) -> None:
    assert retriever.changing is not None
    retriever.changing.apply([ProductChange(product_id, None)])


def asked(retriever: Retriever, text: str, **more: Any) -> Candidates:
    return retriever.retrieve(kind="text", text=text, vector=vector_of(text), **more)


def drawn(draw: random.Random, product_id: str) -> dict[str, Any]:
    title = " ".join((*draw.sample(_WORDS, 2), draw.choice(_THINGS)))
    return {
        "product_id": product_id,
        "title": title,
        "brand": draw.choice(["Own", "Other", None]),
        "category": [title.split()[-1]] if draw.random() < 0.9 else [],
        "price": draw.choice([1.0, 2.0, 3.0]),
    }


@pytest.fixture
def shelf(tmp_path: Path) -> Retriever:
    return opened(tmp_path / "shelf", SHELF)


def test_a_new_product_is_found_by_words_by_vector_and_as_a_seed(shelf: Retriever) -> None:
    change(shelf, {"product_id": "kettle", "title": "Zyxnova kettle", "brand": "Glow", "category": ["Home"], "price": 9.0})
    found = asked(shelf, "Zyxnova kettle", limit=5)
    assert found.ids[0] == "kettle"
    assert not np.isnan(found.scores["lexical"][0])
    assert found.scores["dense"][0] > 0.5
    assert "kettle" in asked(shelf, "lamp", filter=Filter(brand="glow", price=Range(min=8))).ids
    assert "kettle" not in shelf.retrieve(kind="product", seeds=["kettle"]).ids
    assert shelf.catalog.product(shelf.catalog.row("kettle"))["price"] == 9.0


def test_a_word_of_a_new_product_is_no_longer_corrected(shelf: Retriever) -> None:
    assert "potato-1" in shelf.retrieve(kind="text", text="potatos").ids
    change(shelf, {"product_id": "new", "title": "Lampo", "category": []})
    assert shelf.retrieve(kind="text", text="lampo", sources=["lexical"]).ids == ["new"]


def test_a_new_price_changes_filters_and_the_shown_product_but_not_the_ranking(shelf: Retriever) -> None:
    before = asked(shelf, "potato chips").ids
    change(shelf, {**SHELF[0], "price": 77.0})
    assert asked(shelf, "potato chips").ids == before
    assert asked(shelf, "potato chips", filter=Filter(price=Range(min=70))).ids == ["chips-1"]
    assert b"77.0" in shelf.catalog.json_of(shelf.catalog.row("chips-1"))


def test_a_description_is_part_of_a_product_but_not_of_a_candidate(tmp_path: Path) -> None:
    shelf = opened(tmp_path / "shelf", [{**SHELF[0], "description": "Crunchy «nörth»\n"}, *SHELF[1:]])
    catalog = shelf.catalog
    row = catalog.row(SHELF[0]["product_id"])
    asked_of = {**SHELF[0], "description": "New"}
    for change_to, told in ((None, "Crunchy «nörth»\n"), (asked_of, "New"), (SHELF[0], None), (asked_of, "New")):
        if change_to is not None:
            change(shelf, change_to)
        assert orjson.loads(catalog.json_of(row)) == catalog.product(row)
        assert catalog.product(row).get("description") == told
        [line] = catalog.lines_of(np.array([row], np.int32))
        assert orjson.loads(line) == {name: said for name, said in catalog.product(row).items() if name != "description"}


def test_a_product_is_found_by_its_new_title_and_not_by_the_old_one(shelf: Retriever) -> None:
    change(shelf, {**SHELF[7], "title": "Garden hose"})
    assert asked(shelf, "garden hose", limit=3).ids[0] == "lamp-1"
    assert shelf.retrieve(kind="text", text="desk lamp").ids == []


def test_a_deleted_product_is_gone_everywhere_and_returns_to_its_row(shelf: Retriever) -> None:
    row = shelf.catalog.row("chips-1")
    remove(shelf, "chips-1")
    remove(shelf, "chips-1")
    assert "chips-1" not in asked(shelf, "potato chips").ids
    assert "chips-1" not in asked(shelf, "potato chips", filter=Filter(brand="Crisp & Co")).ids
    assert "chips-1" not in asked(shelf, "potato chips", filter=Filter(in_stock=True), exclude=["chips-2"]).ids
    with pytest.raises(UnknownProduct):
        shelf.retrieve(kind="product", seeds=["chips-1"])
    change(shelf, SHELF[0])
    assert shelf.catalog.row("chips-1") == row
    assert asked(shelf, "potato chips").ids[0] == "chips-1"


def test_rows_of_removed_later_products_are_reused(shelf: Retriever) -> None:
    for number in range(50):
        change(shelf, {"product_id": f"new-{number}", "title": f"Thing {number % 3}", "category": []})
        remove(shelf, f"new-{number}")
    assert len(shelf.catalog) == len(SHELF) + 1
    assert len(asked(shelf, "thing", limit=50).ids) == len(SHELF)


def test_a_catalog_without_products_left_finds_nothing(shelf: Retriever) -> None:
    for product in SHELF:
        remove(shelf, product["product_id"])
    assert asked(shelf, "potato chips").ids == []
    assert asked(shelf, "potato chips", filter=Filter(in_stock=True)).why_fewer == "no products satisfy the filter"


def test_a_change_to_an_unknown_text_without_a_vector_is_refused(shelf: Retriever) -> None:
    assert shelf.changing is not None
    with pytest.raises(ValueError, match="expected a vector of 'Unheard'"):
        shelf.changing.apply([ProductChange("new", {"product_id": "new", "title": "Unheard"})])
    assert shelf.catalog.find("new") is None


def changed_and_new(folder: Path, changes: int) -> tuple[Retriever, Retriever]:
    draw = random.Random(3)
    products = [drawn(draw, f"p{number}") for number in range(600)]
    changed = opened(folder / "changed", products)
    now = {product["product_id"]: product for product in products}
    for number in range(changes):
        product_id = draw.choice([*now, f"n{number}"])
        if draw.random() < 0.25:
            now.pop(product_id, None)
            remove(changed, product_id)
            continue
        now[product_id] = drawn(draw, product_id)
        change(changed, now[product_id])
    order = [changed.catalog.find(product_id) for product_id in now]
    by_row = [product for _, product in sorted(zip(order, now.values(), strict=True), key=lambda pair: pair[0] or 0)]
    return changed, opened(folder / "new", by_row)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Retriever, Retriever]:
    return changed_and_new(tmp_path_factory.mktemp("both"), 900)


QUESTIONS = ("soft red chips", "fresh milk", "large green lamp", "cheese", "hard soap")
FILTERS = (None, Filter(brand="own"), Filter(category="milk"), Filter(price=Range(min=2), in_stock=True))


def by_id(found: Candidates, source: str) -> dict[str, float]:
    return dict(zip(found.ids, found.scores[source].tolist(), strict=True))


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("per_text", [None, 2])
def test_dense_answers_after_many_changes_equal_those_of_a_new_build(
    both: tuple[Retriever, Retriever], text: str, wanted: Filter | None, per_text: int | None
) -> None:
    one, other = (
        retriever.retrieve(kind="text", vector=vector_of(text), filter=wanted, limit=40, per_text=per_text)
        for retriever in both
    )
    assert one.ids == other.ids
    np.testing.assert_allclose(one.scores["dense"], other.scores["dense"], atol=1e-6)


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("wanted", FILTERS)
def test_lexical_answers_after_many_changes_match_those_of_a_new_build(
    both: tuple[Retriever, Retriever], text: str, wanted: Filter | None
) -> None:
    one, other = (retriever.retrieve(kind="text", text=text, filter=wanted, limit=1000, per_text=None) for retriever in both)
    first, second = by_id(one, "lexical"), by_id(other, "lexical")
    assert first.keys() == second.keys()
    # The rarity of words is that at the time of the build, so scores differ a little.
    np.testing.assert_allclose([first[key] for key in second], list(second.values()), rtol=0.15)


def test_a_later_document_is_scored_as_tantivy_scores_the_same_one(tmp_path: Path) -> None:
    products: list[dict[str, Any]] = [
        {"product_id": "a", "title": "Soft red chips with chips", "brand": "Own", "category": ["Food", "Chips"]},
        {"product_id": "b", "title": "Milk", "brand": "Other", "category": ["Food"]},
        {"product_id": "c", "title": "Red lamp", "category": ["Home"]},
        {"product_id": "d", "title": "Red T-shirt, a Tshirt", "category": ["Tshirts"]},
        {"product_id": "e", "title": "Blue T-shirt", "category": ["Clothes"]},
    ]
    retriever = opened(tmp_path / "shelf", products)
    for product in products:
        change(retriever, {**product, "product_id": product["product_id"] + "2", "brand": product.get("brand", "") + " "})
    for text, found in {"soft red chips": 3, "milk": 1, "own food": 2, "red lamp home": 3, "red t shirt": 4}.items():
        scores = by_id(retriever.retrieve(kind="text", text=text, per_text=None), "lexical")
        pairs: NDArray[np.float32] = np.array([(scores[key], scores[key + "2"]) for key in "abcde" if key in scores])
        assert len(pairs) == found
        np.testing.assert_allclose(pairs[:, 0], pairs[:, 1], rtol=1e-5)


def test_a_later_document_is_scored_as_tantivy_scores_the_same_one_however_long(tmp_path: Path) -> None:
    lengths = range(1, 160)
    titles = [" ".join(["lamp", *(f"w{number}" for number in range(length - 1))]) for length in lengths]
    titles += [f"milk {number}" for number in range(300)]  # make "lamp" a rare word
    retriever = opened(tmp_path / "shelf", [{"product_id": f"{row}", "title": title} for row, title in enumerate(titles)])
    for row, title in enumerate(titles):
        change(retriever, {"product_id": f"{row} later", "title": title, "brand": " "})
    found = retriever.retrieve(kind="text", text="lamp", per_text=None, limit=1000)
    for source in ("lexical", "spelled"):
        scores = by_id(found, source)
        pairs: NDArray[np.float32] = np.array([(scores[f"{row}"], scores[f"{row} later"]) for row in range(len(lengths))])
        assert np.count_nonzero(~np.isnan(pairs[:, 0])) > 20
        np.testing.assert_allclose(pairs[:, 0], pairs[:, 1], rtol=1e-5)


def test_live_documents_can_be_searched_before_between_and_after_additions() -> None:
    live = LiveDocuments(10, {"title": 2.0, "brand": 1.0, "category": 1.0, "grams": 12.0}, lambda field, term: 0)
    asked = [Clause("title", "shoe", 1.0)]
    assert len(live.search(asked)[0]) == 0
    stems, written = live.add(("Running shoes", "Own", "Sport"))
    assert set(stems["title"]) == {"run", "shoe"}
    assert written == ["running", "shoes", "own", "sport"]
    places, scores = live.search(asked)
    before = scores.tolist()
    live.add(("Lamp", "", ""))
    live.add(("Shoes, shoes", "", ""))
    assert live.search(asked)[0].tolist() == [0, 2]
    assert (places.tolist(), scores.tolist()) == ([0], before), "an earlier answer stays as it was"


@pytest.mark.parametrize("later", [1, 5, 20, 200])
def test_words_of_later_products_alone_have_positive_scores_however_many(tmp_path: Path, later: int) -> None:
    retriever = opened(tmp_path / "shelf", SHELF[:3])
    for number in range(later):
        change(retriever, {"product_id": f"k{number}", "title": f"Zyxnova lamp {number}", "category": []})
    for source in ("lexical", "spelled"):
        found = retriever.retrieve(kind="text", text="zyxnova lamp", sources=[source], limit=50)
        assert len(found.ids) == min(later, 50), source
        assert (found.scores[source] > 0).all()


def test_products_that_are_left_after_many_deletions_are_found(tmp_path: Path) -> None:
    products = [{"product_id": f"p{row}", "title": f"Lamp {row}", "category": ["Home"]} for row in range(200)]
    retriever = opened(tmp_path / "shelf", products)
    for row in range(150):
        remove(retriever, f"p{row}")
    found = retriever.retrieve(kind="user", sources=["trending"], limit=20)
    assert found.ids == [f"p{row}" for row in range(150, 170)]


def test_later_products_trend_after_all_others(tmp_path: Path) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    for number in range(3):
        change(retriever, {"product_id": f"k{number}", "title": f"Kettle {number}", "category": ["New"]})
    later = ["k0", "k1", "k2"]
    found = retriever.retrieve(kind="user", sources=["trending"], filter=Filter(category=["New"]), limit=3)
    assert found.ids == later
    assert found.scores["trending"].tolist() == [0, 0, 0]
    assert found.why_fewer is None
    everything = [*(product["product_id"] for product in SHELF), *later]
    for wanted in (None, Filter()):
        assert retriever.retrieve(kind="user", sources=["trending"], filter=wanted).ids == everything
    without = retriever.retrieve(kind="user", sources=["trending"], exclude=["k0"], filter=Filter(category=["New"]), limit=1)
    assert without.ids == ["k1"]
    remove(retriever, "k1")
    assert retriever.retrieve(kind="user", sources=["trending"]).ids == [*everything[:-2], "k2"]


def test_category_looks_past_excluded_products(tmp_path: Path) -> None:
    products = [{"product_id": f"p{row}", "title": f"Lamp {row}", "category": ["Home"]} for row in range(100)]
    retriever = opened(tmp_path / "shelf", products)
    excluded = [f"p{row}" for row in range(1, 80)]
    found = retriever.retrieve(kind="product", seeds=["p0"], sources=["category"], exclude=excluded, limit=10)
    assert found.ids == [f"p{row}" for row in range(80, 90)]


def test_a_single_character_is_found_inside_a_word_of_a_new_product(shelf: Retriever) -> None:
    change(shelf, {"product_id": "shoe", "title": "革靴", "category": ["Shoes"]})
    assert asked(shelf, "靴", sources=["lexical"]).ids == ["shoe"]


def test_products_are_found_by_id_as_they_are_added_and_removed(shelf: Retriever) -> None:
    soap = {"product_id": "85123A", "title": "White soap", "category": ["Beauty"]}
    assert asked(shelf, "85123a").named is None
    change(shelf, soap)
    change(shelf, {**soap, "product_id": "85123a", "title": "Black soap"})
    for text, product_id in (("85123A", "85123A"), (" 85123a", "85123a"), ("Lamp-1", "lamp-1")):
        found = asked(shelf, text, limit=1)
        assert (found.named, found.ids[0]) == (product_id, product_id)
        assert shelf.corrected(text) is None
        assert asked(shelf, text, filter=Filter(brand="Glow")).named is None
    remove(shelf, "85123a")
    assert asked(shelf, "85123a").named == "85123A"
    remove(shelf, "85123A")
    assert asked(shelf, "85123a").named is None
    change(shelf, {**soap, "product_id": "85123a"})
    assert asked(shelf, "85123A").named == "85123a"


def test_a_products_id_is_found_however_it_is_typed(shelf: Retriever) -> None:
    stored = "Zoe\u0301-8310"  # the accent is a character of its own, as no text has it
    change(shelf, {"product_id": stored, "title": "White soap", "category": ["Beauty"]})
    for text in (stored, "zoé-8310", "ZOÉ－８３１０", "Zoé\u20118310"):
        assert asked(shelf, unicodedata.normalize("NFC", text)).named == stored
    assert asked(shelf, "zoe-8310").named is None
    remove(shelf, stored)
    assert asked(shelf, "zoé-8310").named is None


def test_of_ids_that_differ_only_in_case_a_remaining_one_is_found(tmp_path: Path) -> None:
    soaps: list[dict[str, Any]] = [
        {"product_id": product_id, "title": "Soap", "category": []} for product_id in ("A-1B", "A-1b", "a-1B")
    ]
    retriever = opened(tmp_path / "shelf", soaps)
    for soap in soaps:
        assert asked(retriever, "a-1b").named == soap["product_id"]
        remove(retriever, soap["product_id"])
    assert asked(retriever, "a-1b").named is None


def test_ids_of_removed_products_do_not_use_memory(shelf: Retriever) -> None:
    def kept() -> int:
        return sum(sys.getsizeof(value) for value in vars(shelf.catalog).values())

    def come_and_go(first: int) -> None:
        for number in range(first, first + 1_000):
            shelf.catalog.put({"product_id": f"NEW-{number}", "title": "Soap", "category": []})
            shelf.catalog.remove(f"NEW-{number}")

    come_and_go(0)
    before = kept()
    come_and_go(1_000)
    assert kept() == before
