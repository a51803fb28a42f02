"""Turns text into index terms, with the same analysis for documents and questions."""

from collections.abc import Iterable
from typing import NamedTuple

import tantivy

from shelfwise.units import usual
from shelfwise.words import WORD, plain

LONGEST = 40
"""Words of this many characters or more are ignored: a text without blanks is no word."""


class Field(NamedTuple):
    """An indexed field and the weight of a word found in it."""

    name: str
    boost: float


SCORED = (Field("title", 1.0), Field("brand", 0.6), Field("category", 0.4))
TITLE = 0
"""The place of the title in `SCORED`."""
WORDS = "words"
"""All words of the three scored fields, stemmed, without frequencies: tells whether a document has a word at all."""
SPELLING = "spelling"
"""The same words as written, accented ones both without and with accents; only the field's dictionary is read."""
GRAMS = "grams"
"""Character trigrams of the title's words, including those at word ends."""

NUMBER = "number"
"""The document's address as a term, which allows a query to be restricted to some documents."""

GRAM = 3

_STEMS = "stems"
_WRITTEN = "written"
_GRAMS = "grams"


def words(text: str) -> list[str]:
    """The words of `text` as `shelfwise.words` splits them, in their order."""
    return [word for word in WORD.findall(plain(text)) if len(word) < LONGEST]


def spaced(text: str) -> str:
    """The words of `text` with one space before, between and after them; empty if it has none."""
    found = words(text)
    return f" {' '.join(found)} " if found else ""


class Stems:
    """Reduces words to English stems and units to their usual forms, one term per word."""

    def __init__(self) -> None:
        self._stemmed = _stemmed()

    def of(self, text: str) -> list[str]:
        """The stem of each word of `text`."""
        return self.of_words(words(text))

    def of_words(self, found: Iterable[str]) -> list[str]:
        stems: list[str] = self._stemmed.analyze(" ".join(map(usual, found)))
        return stems


class Grams:
    """All runs of `GRAM` characters in a text's words."""

    def __init__(self) -> None:
        self._grams = _grams()

    def of(self, text: str) -> list[str]:
        grams: list[str] = self._grams.analyze(spaced(text))
        return grams


def index_schema(*, numbered: bool = True) -> tantivy.Schema:
    """The fields of the lexical index; bundles from before `NUMBER` have a schema that is not `numbered`."""
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
    """Define the analyzers, of which an index stores only the names. Their input is `words`, or `spaced` text."""
    index.register_tokenizer(_STEMS, _stemmed())
    index.register_tokenizer(_WRITTEN, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.register_tokenizer(_GRAMS, _grams())


def _stemmed() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.stemmer("english")).build()


def _grams() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(GRAM, GRAM, False)).build()
