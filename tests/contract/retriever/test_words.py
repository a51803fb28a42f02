"""The lexical source on words as shoppers write them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tantivy

from shelfwise_retriever import frame, lexical_build
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.documents import documents_of
from shelfwise_retriever.lexical_build import build_lexical
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.sources.spelled import SpelledSource
from shelfwise_retriever.words import index_schema
from tests.support.catalog import SHELF, products_frame

from .conftest import ROWS, Shop


def found_in(products: Sequence[dict[str, Any]], folder: Path, text: str, known_words: Sequence[str] = ()) -> list[int]:
    rows: list[int] = source_over(products, folder, known_words).search(Question(text, None), None, 10).rows.tolist()
    return rows


def source_over(products: Sequence[dict[str, Any]], folder: Path, known_words: Sequence[str] = ()) -> LexicalSource:
    documents = documents_of(frame.tidy(products_frame(products)))
    build_lexical(folder, documents.texts, known_words)
    return LexicalSource.load(folder, documents.groups, documents.groups)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> LexicalSource:
    return source_over(SHELF, tmp_path_factory.mktemp("words") / "lexical")


def best(source: LexicalSource, text: str) -> list[str]:
    return [SHELF[row]["product_id"] for row in source.search(Question(text, None), None, 10).rows.tolist()]


def test_products_with_all_words_rank_above_those_with_one(shelf: LexicalSource) -> None:
    found = best(shelf, "potato chips")
    assert set(found[:3]) == {"chips-1", "chips-2", "chips-3"}
    assert set(found[3:]) == {"corn-1", "potato-1"}


@pytest.mark.parametrize("text", ["potatoe chps", "POTATO CHIP", "pótato chips", "potatochips", "pottato-chips!"])
def test_misspelt_words_find_the_same_products(shelf: LexicalSource, text: str) -> None:
    assert best(shelf, text)[:2] == best(shelf, "potato chips")[:2]


def test_products_are_found_by_words_of_brand_and_category(shelf: LexicalSource) -> None:
    assert best(shelf, "maize") == ["corn-1"]
    assert best(shelf, "vegetables") == ["potato-1"]


def test_texts_without_words_of_the_catalog_find_nothing(shelf: LexicalSource) -> None:
    assert best(shelf, "zzzzzz") == best(shelf, "?!") == best(shelf, "") == []


@pytest.mark.parametrize("text", ['title:"', "(chips", "chips AND NOT (", "* OR *", "chips^9 ~2", "\\", "a" * 100_000])
def test_query_syntax_is_treated_as_text(shelf: LexicalSource, text: str) -> None:
    assert set(best(shelf, text)) <= {product["product_id"] for product in SHELF}


def test_only_the_rarest_32_words_of_a_long_text_are_searched_for(tmp_path: Path) -> None:
    products = [{"product_id": str(n), "title": f"common word{n:04}"} for n in range(200)]
    source = source_over(products, tmp_path / "lexical")
    text = "common " + " ".join(f"word{n:04}" for n in range(200))
    assert len(source.search(Question(text, None), None, 200).rows) == 32


def test_a_compound_word_of_the_catalog_is_found_when_written_as_two(tmp_path: Path) -> None:
    source = source_over(
        [{"product_id": "a", "title": "Nailcare set"}, {"product_id": "b", "title": "Lamp"}], tmp_path / "lexical"
    )
    assert source.search(Question("nail care", None), None, 10).rows.tolist() == [0]


def test_two_words_that_the_catalog_writes_as_one_outrank_either_of_them(tmp_path: Path) -> None:
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(["Tomato Paste", "Toothpaste", "Tooth Brush"])]
    assert source_over(products, tmp_path / "lexical").search(Question("tooth paste", None), None, 10).rows[0] == 1


def test_a_word_that_a_product_writes_together_and_apart_counts_once(tmp_path: Path) -> None:
    shelf = [f"{title} {n}" for title in ("Shirt", "Tshirt", "Black Hat") for n in range(9)]
    titles = ["T Shirt, a Tshirt", "Black T Shirt", *shelf]
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(titles)]
    assert found_in(products, tmp_path / "lexical", "black t-shirt")[0] == 1


@pytest.mark.parametrize("text", ["64gb card", "64 gb card", "64GB cards"])
def test_an_amount_is_found_with_and_without_a_blank(tmp_path: Path, text: str) -> None:
    titles = ["Card 32GB", "Card 32 GB", "Card 64GB", "Card 64 GB", "Card 8 GB"]
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(titles)]
    assert set(found_in(products, tmp_path / "lexical", text)[:2]) == {2, 3}


def test_a_word_that_is_repeated_in_the_text_counts_once(tmp_path: Path) -> None:
    titles = ["Blue T-shirt, a Tshirt", "Blue Tshirt", "Jeans"]
    source = source_over([{"product_id": str(n), "title": title} for n, title in enumerate(titles)], tmp_path / "lexical")
    once, twice = (source.search(Question(text, None), None, 10) for text in ("t shirt", "t shirt t shirt"))
    np.testing.assert_array_equal(twice.scores, once.scores)


@pytest.mark.parametrize(("text", "best"), [("20a breaker", 0), ("12in board", 2)])
def test_a_unit_that_is_also_a_small_word_is_looked_up_with_its_number(tmp_path: Path, text: str, best: int) -> None:
    titles = ["Breaker 20A", "A Breaker for 20 Lamps", "Board 12in", "Board in 12 Colours", "Pan"]
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical")
    assert source.search(Question(text, None), None, 10).rows[0] == best


def test_a_decimal_is_not_the_number_without_its_separator(tmp_path: Path) -> None:
    titles = ["Kettle 15 L", "Kettle 1.5 L", "Kettle 5 L", "Pan"]
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical")
    for text in ("1.5 l kettle", "kettle 1.5l", "1,5 litre kettle"):
        assert source.search(Question(text, None), None, 10).rows[0] == 1


@pytest.mark.parametrize("text", ["12 watt bulb", "12watts bulb", "12w bulb"])
def test_a_unit_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    titles = ["Bulb 9W", "Bulb 9 Watt", "Bulb 12W", "Bulb 12 Watts", "Bulb Holder"]
    products = [{"product_id": str(n), "title": title} for n, title in enumerate(titles)]
    assert set(found_in(products, tmp_path / "lexical", text)[:2]) == {2, 3}


def test_a_word_of_the_language_is_never_corrected(tmp_path: Path) -> None:
    products = [{"product_id": "a", "title": "Cold Sandwich"}, {"product_id": "b", "title": "Soft Drink"}]
    assert found_in(products, tmp_path / "slips", "cola") == [0]
    for text in ("cola", "Colas"):
        assert found_in(products, tmp_path / text, text, known_words=["cola"]) == []


def test_a_corrected_word_counts_less_than_the_exact_one(tmp_path: Path) -> None:
    source = source_over(
        [{"product_id": "a", "title": "Chips box"}, {"product_id": "b", "title": "Salsa box"}], tmp_path / "lexical"
    )
    rows, scores = source.search(Question("chps salsa", None), None, 10)
    assert rows.tolist() == [1, 0]
    assert scores[0] > scores[1]


def test_function_words_are_searched_for_only_if_alone(tmp_path: Path) -> None:
    products = [{"product_id": "a", "title": "Drink for Adults"}, {"product_id": "b", "title": "Gift Box"}]
    assert found_in(products, tmp_path / "several", "gift for grandma") == [1]
    assert found_in(products, tmp_path / "alone", "for") == [0]


def test_more_popular_rows_come_first_among_ties_even_at_the_cut(tmp_path: Path) -> None:
    products = [{"product_id": str(n), "title": f"Shampoo type{n:04}"} for n in range(3_000)]
    source = source_over(products, tmp_path / "lexical")
    rows, scores = source.search(Question("shampoo", None), None, 100)
    assert len(set(scores.tolist())) == 1
    assert rows.tolist() == list(range(100))


def test_the_few_rows_that_pass_a_filter_are_found_however_low_they_rank(tmp_path: Path) -> None:
    products = [{"product_id": str(n), "title": f"Shampoo{' dry hair' * (n < 2_900)}"} for n in range(3_000)]
    source = source_over([{**product, "brand": f"b{n}"} for n, product in enumerate(products)], tmp_path / "lexical")
    mask = np.zeros(3_000, np.bool_)
    mask[[5, 2_950, 2_999]] = True
    rows, _ = source.search(Question("shampoo dry hair", None), Allowed(3_000, FilterMask(mask)), 10)
    assert rows.tolist() == [5, 2_950, 2_999]


@pytest.mark.parametrize("passing", [1, 7, 40, 150, 700])
@pytest.mark.parametrize("text", ["fresh red chips", "soft towel", "bread", "salty zzzzzz"])
def test_rows_that_pass_a_filter_are_scored_as_without_one(shop: Shop, text: str, passing: int) -> None:
    drawn = np.random.default_rng(passing).choice(ROWS, passing, replace=False)
    mask = np.zeros(ROWS, np.bool_)
    mask[drawn] = True
    for source in (shop.lexical, SpelledSource(shop.lexical)):
        everything = source.search(Question(text, None), None, ROWS)
        score_of = dict(zip(everything.rows.tolist(), everything.scores.tolist(), strict=True))
        best = everything.scores[mask[everything.rows]]
        for limit in (5, 100, ROWS):
            hits = source.search(Question(text, None), Allowed(ROWS, FilterMask(mask)), limit)
            assert mask[hits.rows].all()
            np.testing.assert_allclose(hits.scores, best[:limit], rtol=1e-6)
            np.testing.assert_allclose(hits.scores, [score_of[row] for row in hits.rows.tolist()], rtol=1e-6)


def test_only_the_rows_that_pass_a_selective_filter_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products = [{"product_id": str(n), "title": "Shampoo", "brand": f"b{n}"} for n in range(3_000)]
    source = source_over(products, tmp_path / "lexical")
    mask = np.zeros(3_000, np.bool_)
    mask[[5, 2_950, 2_999]] = True
    looked: list[int] = []
    best = LexicalSource._best

    def noted(source: LexicalSource, query: tantivy.Query, depth: int) -> Any:
        found = best(source, query, depth)
        looked.append(len(found[0]))
        return found

    monkeypatch.setattr(LexicalSource, "_best", noted)
    rows, _ = source.search(Question("shampoo", None), Allowed(3_000, FilterMask(mask)), 100)
    assert rows.tolist() == [5, 2_950, 2_999]
    assert sum(looked) <= 3


def test_an_index_without_row_numbers_can_be_filtered_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older bundles have such indexes."""
    monkeypatch.setattr(lexical_build, "index_schema", partial(index_schema, numbered=False))
    monkeypatch.setattr(tantivy.Document, "add_unsigned", lambda *_: None, raising=False)
    products = [{"product_id": str(n), "title": "Shampoo", "brand": f"b{n}"} for n in range(3_000)]
    source = source_over(products, tmp_path / "lexical")
    mask = np.zeros(3_000, np.bool_)
    mask[[5, 2_950, 2_999]] = True
    rows, _ = source.search(Question("shampoo", None), Allowed(3_000, FilterMask(mask)), 100)
    assert rows.tolist() == [5, 2_950, 2_999]


def test_the_lexical_source_opens_from_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "lexical"
    documents = documents_of(frame.tidy(products_frame(SHELF)))
    build_lexical(folder, documents.texts)
    before = sorted(path.name for path in folder.iterdir())
    folder.chmod(0o555)
    try:
        source = LexicalSource.load(folder, documents.groups, documents.groups)
        assert best(source, "maize") == ["corn-1"]
    finally:
        folder.chmod(0o755)
    assert sorted(path.name for path in folder.iterdir()) == before  # not even a lock was added: a bundle never changes


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("potatoe chps", "potatoes chips"),
        ("Pottato-Chips!", "potato-Chips!"),  # words that need no correction stay as they are written
        ("potatochips", "potato chips"),
        ("potato chips", None),
        ("potatoes", None),  # another form of a word
        ("zzzzzz", None),
        ("?!", None),
        ("", None),
    ],
)
def test_corrected_mends_misspelt_and_joined_words_only(shelf: LexicalSource, text: str, meant: str | None) -> None:
    assert shelf.corrected(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mueller", "müller"),  # also where the language has such a word
        ("Muesli", None),  # another product has this word
        ("kuehlschraenke", "kühlschrank"),
        ("smoerrebroed", "smørrebrød"),
        ("Gieskanne creem", "gießkanne crème"),
        ("cafee", "cafe"),  # as most products write it
        ("muller musli", None),
        ("istanbol", "istanbul"),
    ],
)
def test_corrected_writes_accents_typed_as_two_letters_as_the_catalog_does(
    tmp_path: Path, text: str, meant: str | None
) -> None:
    titles = ["Müller Kühlschrank", "Müsli", "Muesli", "Smørrebrød", "Gießkanne", "Crème", "Café", "Cafe", "Cafe au Lait"]
    titles += ["İSTANBUL", "コーヒー", "हल्दी"]
    products = [{"product_id": str(number), "title": title, "category": ["All"]} for number, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical", ["mueller", "muesli"])
    assert source.corrected(text) == meant


@pytest.mark.parametrize(("text", "best", "others"), [("茶", 1, {0, 2}), ("靴", 4, set()), ("靴 24cm", 4, set())])
def test_a_single_character_is_found_inside_words(tmp_path: Path, text: str, best: int, others: set[int]) -> None:
    titles = ["森永緑茶", "伊藤園 茶", "茶碗", "コーヒー", "子供靴 24cm"]
    products = [{"product_id": str(number), "title": title, "category": ["本"]} for number, title in enumerate(titles)]
    first, *rest = found_in(products, tmp_path / "lexical", text)
    assert (first, set(rest)) == (best, others)


def test_words_of_the_language_are_not_corrected(tmp_path: Path) -> None:
    source = source_over(SHELF, tmp_path / "lexical", ["chops", "station"])
    assert source.corrected("potato chops") is None
    assert source.corrected("potato chipss") == "potato chips"


def test_the_other_words_of_a_text_decide_between_two_corrections(tmp_path: Path) -> None:
    titles = ["Garage Door Alarm", "Door Alarm", "Robot Arms", "Doll Arms", "Arms for Chairs", "Arms", "Door Bell"]
    products = [{"product_id": str(number), "title": title, "category": ["All"]} for number, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical")
    assert source.corrected("door aarm") == "door alarm"
    assert source.corrected("robot aarms") == "robot arms"


def test_words_of_a_new_product_are_not_corrected(tmp_path: Path) -> None:
    documents = documents_of(frame.tidy(products_frame(SHELF)))
    build_lexical(tmp_path / "lexical", documents.texts)
    source = LexicalSource.load(tmp_path / "lexical", documents.groups, documents.groups)
    source.expect_changes(documents.texts)
    assert source.corrected("chipz") == "chips"
    source.add(["Chipz Deluxe", "", ""])
    assert source.corrected("chipz") is None


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        ("Crème Légère", ["crème légère", "creme", "cre\u0300me"]),
        ("Cre\u0300me Le\u0301ge\u0300re", ["crème légère", "creme", "cre\u0300me"]),
        ("L'Oréal Shampoo", ["loreal", "l'oreal", "L’ORÉAL", "oreal"]),
        ("Men's Socks", ["men's", "mens", "men"]),
        ("红色棉质短袖圆领衫男士夏季新款宽松", ["短袖", "圆领衫", "宽松"]),
        ("เสื้อยืดผ้าฝ้ายสีแดง", ["เสื้อยืด", "สีแดง"]),
        ("とろける食パン", ["食パン", "パン"]),
        ("मसूर दाल", ["दाल"]),
    ],
)
def test_titles_are_found_in_many_scripts_and_with_or_without_accents(title: str, texts: list[str], tmp_path: Path) -> None:
    others = ["Bandage", "バン", "दिल", "红短色袖"]
    products = [{"product_id": str(n), "title": each} for n, each in enumerate([title, *others])]
    source = source_over(products, tmp_path / "lexical")
    for text in texts:
        assert source.search(Question(text, None), None, 10).rows.tolist() == [0], text
        assert source.corrected(text) is None
    assert SpelledSource(source).search(Question(texts[0], None), None, 10).rows.tolist() == [0]


def test_a_number_written_together_with_its_unit_is_not_corrected(tmp_path: Path) -> None:
    products = [{"product_id": "a", "title": "Shampoo 16 oz"}, {"product_id": "b", "title": "Shampoo 12 oz"}]
    source = source_over(products, tmp_path / "lexical")
    assert source.corrected("16oz shampoo") is None
    assert source.search(Question("16oz shampoo", None), None, 10).rows.tolist() == [0, 1]


def test_corrected_splits_a_word_that_most_titles_write_as_two(tmp_path: Path) -> None:
    titles = [
        *("Vanilla Ice Cream", "Ice Cream, Mango", "Ice-Cream Scoop", "Icecream Mix", "Ice Cubes", "Cream of Ice Wine"),
        *("Car Pet Bowl", "Pet Carrier, Car", "Pet Car Seat", "Carpet", "Sun Silk Scarf", "Sun Silk Shawl", "Sun Silk Hat"),
        *("Silk Tie", "Note Book Stand", "Note Book Cover", "Note Book Pen", "Notebook"),
        *("Play Mat", "Blue Play Mat", "Playmat", "Hand Wash Soap", "Hand Wash", "Hand Wash Gel", "Handwash", "Handwash Kit"),
    ]
    brands = {"Silk Tie": "Sunsilk"}
    products = [{"product_id": str(n), "title": title, "brand": brands.get(title)} for n, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical", ["notebook"])
    assert source.corrected("icecream, vanilla") == "ice cream, vanilla"
    assert source.corrected("icecream", ["icecream"]) is None  # as it is meant
    assert source.corrected("icecream", apart=False) is None  # in a list, nothing has to be found
    assert source.corrected("carpet") is None  # titles with both words have them apart
    assert source.corrected("notebook") is None  # the language has it
    assert source.corrected("sunsilk") is None  # a brand
    assert source.corrected("playmat handwash") is None  # too many titles write it together
    found = source.search(Question("ice cream", None), None, 10).rows.tolist()
    assert titles.index("Icecream Mix") in found[:4]  # titles that write it as one word are found as well


@pytest.mark.parametrize(
    ("text", "meant", "found"),
    [
        ("batery", "battery", {"Batteries"}),
        ("diper", "diaper", {"Diapers"}),
        ("bananna bread", "banana bread", {"Bananas", "Bread"}),
        ("toothbrsh", "toothbrush", {"Toothbrushes"}),
        ("appels", "apples", {"Apple"}),
    ],
)
def test_corrected_chooses_the_nearer_of_singular_and_plural(text: str, meant: str, found: set[str], tmp_path: Path) -> None:
    titles = ["Batteries", "Bakery", "Diapers", "Bananas", "Bread", "Toothbrushes", "Apple", "Vases"]
    products = [{"product_id": str(number), "title": title} for number, title in enumerate(titles)]
    source = source_over(products, tmp_path / "lexical", ["battery", "diaper", "banana", "toothbrush", "apples", "vase"])
    assert source.corrected(text) == meant
    assert source.corrected("kase") is None
    assert {titles[row] for row in source.search(Question(meant, None), None, 10).rows} == found
