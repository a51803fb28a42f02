"""From text to index terms: one analysis for documents and questions."""

from collections.abc import Iterable
from typing import NamedTuple

import tantivy

from shelfwise.units import usual
from shelfwise.words import WORD, plain

LONGEST = 40
"""A text without blanks is no word."""


class Field(NamedTuple):
    """An indexed field, and what a word found in it counts."""

    name: str
    boost: float


SCORED = (Field("title", 1.0), Field("brand", 0.6), Field("category", 0.4))
TITLE = 0
"""The place of the title in `SCORED`."""
WORDS = "words"
"""Every word of the three, stemmed, with no frequencies: says whether a document has a word at all."""
SPELLING = "spelling"
"""The same words as they are written, those with accents both without and with them; only its dictionary is read."""
GRAMS = "grams"
"""What the title's words are spelled with: every three characters in a row, the ends of words among them."""

NUMBER = "number"
"""The document's address once more, as a term: what makes a query that only some documents may answer."""

GRAM = 3

_STEMS = "stems"
_WRITTEN = "written"
_GRAMS = "grams"


def words(text: str) -> list[str]:
    """The words of `text` as `shelfwise.words` cuts them, in their order."""
    return [word for word in WORD.findall(plain(text)) if len(word) < LONGEST]


def spaced(text: str) -> str:
    """The words of `text` with one space before, between and after them; nothing when it has none."""
    found = words(text)
    return f" {' '.join(found)} " if found else ""


class Stems:
    """Words reduced to their English stems, units to their usual forms, word for word."""

    def __init__(self) -> None:
        self._stemmed = _stemmed()

    def of(self, text: str) -> list[str]:
        """Of each word of `text`."""
        return self.of_words(words(text))

    def of_words(self, found: Iterable[str]) -> list[str]:
        stems: list[str] = self._stemmed.analyze(" ".join(map(usual, found)))
        return stems


class Grams:
    """Every `GRAM` characters in a row of a text's words."""

    def __init__(self) -> None:
        self._grams = _grams()

    def of(self, text: str) -> list[str]:
        grams: list[str] = self._grams.analyze(spaced(text))
        return grams


def index_schema(*, numbered: bool = True) -> tantivy.Schema:
    """The fields of the lexical index; bundles from before `NUMBER` have one that is not `numbered`."""
    builder = tantivy.SchemaBuilder()
    for field in SCORED:
        builder.add_text_field(field.name, tokenizer_name=_STEMS, index_option="freq")
    builder.add_text_field(WORDS, tokenizer_name=_STEMS, index_option="basic")
    builder.add_text_field(SPELLING, tokenizer_name=_WRITTEN, index_option="basic")
    builder.add_text_field(GRAMS, tokenizer_name=_GRAMS, index_option="freq")
    if numbered:
        builder.add_unsigned_field(NUMBER, indexed=True)
    return builder.build()


def register_analysis(index: tantivy.Index) -> None:
    """An index keeps only the names of its analyzers; this says what they are. They are given `words`, or `spaced` ones."""
    index.register_tokenizer(_STEMS, _stemmed())
    index.register_tokenizer(_WRITTEN, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.register_tokenizer(_GRAMS, _grams())


def _stemmed() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.stemmer("english")).build()


def _grams() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(GRAM, GRAM, False)).build()
