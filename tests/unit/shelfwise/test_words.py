"""Text to words, in whatever script."""

import sys
import unicodedata

import pytest

from shelfwise.words import WORD, WRITTEN, fold, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nail-Paint, RED_2", ["nail", "paint", "red", "2"]),
        ("16oz 7UP", ["16oz", "7up"]),
        ("Crème Brûlée", ["creme", "brulee"]),
        ("Ёлка Καφές", ["елка", "καφες"]),
        ("Lego™ 1½ in", ["lego", "1", "1", "2", "in"]),
        ("Men's Reese’s", ["men", "reese"]),
        ("L'Oréal", ["loreal", "oreal"]),
        ("L´Oréal D‘Or OʼBrien", ["loreal", "oreal", "dor", "obrien", "brien"]),
        ("rock'n'roll isn't", ["rocknroll", "roll", "isnt"]),
        ("5'6 x 8'", ["5", "6", "x", "8"]),
        ("दाल दिल हिन्दी", ["दाल", "दिल", "हिन्दी"]),
        ("தமிழ்", ["தமிழ்"]),
        ("パン バン", ["パン", "バン"]),
        ("ｼｬﾝﾌﾟｰ", ["シャ", "ャン", "ンプ", "プー"]),
        ("红色短袖T恤", ["红色", "色短", "短袖", "t", "恤"]),
        ("เสื้อ", ["เสื้", "สื้อ"]),
        ("한국어 라면", ["한국어", "라면"]),
        ("№ 5 37℃ ㎒ 𝐍𝐚𝐢𝐥", ["no", "5", "37", "c", "mhz", "nail"]),
        ("Ǿl Ǽon", ["ol", "aeon"]),
        ("tooth\u00adbrush tooth\u2060brush \ufeffमक्\u200dखन", ["toothbrush", "toothbrush", "मक्खन"]),
        ("!!", []),
    ],
)
def test_a_text_is_split_into_the_same_words_in_nfc_and_nfd(text: str, expected: list[str]) -> None:
    for form in ("NFC", "NFD"):
        assert WORD.findall(plain(unicodedata.normalize(form, text))) == [
            unicodedata.normalize("NFC", word) for word in expected
        ]


def test_folding_keeps_plain_text_as_it_is() -> None:
    assert fold("ABC 12%") == "abc 12%"


def test_folding_twice_changes_nothing() -> None:
    every = (chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000)
    assert [character for character in every if fold(fold(character)) != fold(character)] == []


def test_written_words_keep_their_apostrophes() -> None:
    assert WRITTEN.findall("Men's 'best' 5'6 Jack´s दाल!") == ["Men's", "best", "5", "6", "Jack´s", "दाल"]
