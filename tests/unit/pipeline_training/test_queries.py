"""Queries as shoppers would type them."""

import pytest

from shelfwise_pipeline.examples.queries import QueryWriter, other_number, spoken

TITLE, PATH, BRAND = "Chocolate Chip Cookies 16 oz", ["Food", "Cookies & Cones"], "Maker 7"


def test_equal_seeds_write_equal_queries() -> None:
    first, second = QueryWriter(3), QueryWriter(3)
    assert [first.write(TITLE, PATH, BRAND) for _ in range(50)] == [second.write(TITLE, PATH, BRAND) for _ in range(50)]


def test_queries_are_varied_never_empty_and_in_lower_case() -> None:
    writer = QueryWriter(1)
    written = {writer.write(TITLE, PATH, BRAND) for _ in range(2_000)}
    assert len(written) > 30
    assert all(query.strip() and query == query.lower() for query in written)
    assert {"cookies", "chocolate", "cookies cones", "chocolate chip cookies", "chocolate chip cookies 16 oz"} <= written
    assert {"maker 7", "maker 7 cookies"} <= written
    assert {"16 oz cookies", "16oz cookies", "chip cookies 16 oz", "16 oz cookies cones"} <= written


def test_queries_name_each_thing_of_a_category_name_in_full_or_by_its_last_word() -> None:
    writer = QueryWriter(4)
    written = {writer.write("Mozart 250 g", ["Fine Butter, Soft Margarine"], None) for _ in range(2_000)}
    assert {"fine butter soft margarine", "fine butter", "butter", "soft margarine", "margarine"} <= written
    assert not {"fine", "soft", "butter soft"} & written
    assert {writer.write("Mozart", ["Butter"], None) for _ in range(200)} >= {"butter", "mozart"}


@pytest.mark.parametrize(("title", "path"), [("7", []), ("!!", ["A"]), ("X", []), ("Of The", ["The"])])
def test_strange_titles_still_give_a_query(title: str, path: list[str]) -> None:
    writer = QueryWriter(2)
    assert all(writer.write(title, path, None) for _ in range(100))


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("chip", "chips"),
        ("chips", "chip"),
        ("berry", "berries"),
        ("berries", "berry"),
        ("glass", "glass"),
        ("box", "boxes"),
        ("oz", "oz"),
    ],
)
def test_other_number_turns_singular_into_plural_and_back(word: str, other: str) -> None:
    assert other_number(word) == other


def test_spoken_words_leave_out_numbers_and_their_units() -> None:
    assert spoken("Ripe Olives, 12 oz / 6 ct") == ["ripe", "olives"]
