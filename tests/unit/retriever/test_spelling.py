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
        ("nal", ["nail"]),  # unless a letter is all that it lacks
        ("chpos", ["chops"]),  # rarer than chips, but only two letters are swapped
        ("carr", ["car"]),
        ("zzzzzz", []),
    ],
)
def test_corrected(written: str, meant: list[str]) -> None:
    assert SPELLING.corrected(written) == meant


def test_a_word_may_have_marks() -> None:
    spelling = Spelling([("हल्दी", 3), ("कॉफ़ी", 2)])
    assert [spelling.corrected(word) for word in ("हल्दि", "कॉफी")] == [["हल्दी"], ["कॉफ़ी"]]


def test_pairs_that_more_documents_have_than_the_word() -> None:
    spelling = Spelling([("nailcare", 20), ("nail", 21), ("care", 30), ("handcare", 20), ("hand", 20)])
    assert spelling.more_often_apart("nailcare") == [("nail", "care")]
    assert spelling.more_often_apart("handcare") == []
    assert spelling.more_often_apart("nail") == []


def test_no_words_correct_nothing() -> None:
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
    ],
)
def test_edits_are_counted_up_to_a_bound(one: str, other: str, distance: int) -> None:
    assert edits(one, other, 2) == edits(other, one, 2) == distance


def test_shortened_forms() -> None:
    assert shortened("abc", 1) == {"abc", "ab", "ac", "bc"}
    assert shortened("abc", 2) == {"abc", "ab", "ac", "bc", "a", "b", "c"}
