"""Misspelt words become words of the catalog; known words stay."""

import pytest

from shelfwise_retriever.spelling import Spelling, edits, shortened

SPELLING = Spelling(
    [
        ("chips", 50),
        ("chops", 9),
        ("potato", 40),
        ("nail", 20),
        ("care", 30),
        ("refrigerator", 5),
        ("12", 8),
        ("ft", 8),
        ("car", 70),
    ]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("chps", ["chips"]),  # one letter left out; more frequent than chops
        ("chipps", ["chips"]),
        ("hcips", ["chips"]),  # swapped neighbours are one edit
        ("potatoe", ["potato"]),
        ("refridgerater", ["refrigerator"]),  # two edits in a long word
        ("ptoatoo", []),  # two edits in a short one
        ("nailcare", ["nail", "care"]),
        ("12ft", ["12", "ft"]),
        ("12xy", []),
        ("cra", []),  # too short to be sure
        ("nal", ["nail"]),  # short, but only a letter is left out
        ("chpos", ["chops"]),  # rarer than chips, but only two letters are swapped
        ("carr", ["car"]),
        ("carnail", ["car", "nail"]),
        ("nailcar", ["nail", "car"]),
        ("nailft", []),  # a part of two letters
        ("frigerator", ["refrigerator"]),
        ("xpoxtatox", []),  # three edits
        ("cr", []),
        ("pootatoo", ["potato"]),  # long as written
        ("zzzzzz", []),
    ],
)
def test_a_misspelt_word_is_corrected_to_words_of_the_catalog(written: str, meant: list[str]) -> None:
    assert SPELLING.corrected(written) == meant


def test_of_words_one_edit_away_the_likelier_slip_or_what_fits_the_text_is_meant() -> None:
    spelling = Spelling([("broad", 50), ("bread", 9)])
    assert spelling.corrected("brwad") == ["bread"]
    assert spelling.corrected("brwad", lambda word: 9.0 * (word == "broad")) == ["broad"]


def test_of_words_two_edits_away_the_most_frequent_or_what_fits_the_text_is_meant() -> None:
    spelling = Spelling([("broadband", 50), ("broadbands", 9)])
    assert spelling.corrected("brwadbandx") == ["broadband"]
    assert spelling.corrected("brwadbandx", lambda word: 9.0 * (word == "broadbands")) == ["broadbands"]


def test_words_with_combining_marks_are_corrected() -> None:
    spelling = Spelling([("हल्दी", 3), ("कॉफ़ी", 2)])
    assert [spelling.corrected(word) for word in ("हल्दि", "कॉफी")] == [["हल्दी"], ["कॉफ़ी"]]


def test_more_often_apart_gives_pairs_that_more_documents_have_than_the_word() -> None:
    spelling = Spelling([("nailcare", 20), ("nail", 21), ("care", 30), ("handcare", 20), ("hand", 20)])
    assert spelling.more_often_apart("nailcare") == [("nail", "care")]
    assert spelling.more_often_apart("handcare") == []
    assert spelling.more_often_apart("nail") == []


def test_a_spelling_without_words_corrects_nothing() -> None:
    assert Spelling([]).corrected("anything") == []


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("nail", "nail", 0),
        ("nail", "nails", 1),
        ("nail", "nial", 1),
        ("nail", "mail", 1),
        ("nail", "snails", 2),
        ("nail", "rope", 3),
        ("nail", "dispenser", 3),
        ("ab", "ab", 0),
    ],
)
def test_edits_are_counted_up_to_a_bound(one: str, other: str, distance: int) -> None:
    assert edits(one, other, 2) == edits(other, one, 2) == distance


def test_shortened_gives_all_forms_with_up_to_that_many_letters_left_out() -> None:
    assert shortened("abc", 1) == {"abc", "ab", "ac", "bc"}
    assert shortened("abc", 2) == {"abc", "ab", "ac", "bc", "a", "b", "c"}
