"""From text to index terms: one analysis for documents and questions."""

import re
from typing import NamedTuple

import tantivy

_LONGEST = 40


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
"""The same words as they are written; only its dictionary is read."""
GRAMS = "grams"
"""What the title's words are spelled with: every three characters in a row, the ends of words among them."""

GRAM = 3

_STEMS = "stems"
_WRITTEN = "written"
_GRAMS = "grams"

_WORD = re.compile(r"[^\W_]+")


def written_words() -> tantivy.TextAnalyzer:
    """Lower case, without accents."""
    return _folded().build()


def stemmed_words() -> tantivy.TextAnalyzer:
    """The same words, word for word, reduced to their English stems."""
    return _folded().filter(tantivy.Filter.stemmer("english")).build()


def grams() -> tantivy.TextAnalyzer:
    """Lower case, without accents, `GRAM` characters in a row; of a text that `spaced` made."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(GRAM, GRAM, False))
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.lowercase())
        .build()
    )


def spaced(text: str) -> str:
    """The words of `text` with one space before, between and after them; nothing when it has none."""
    words = _WORD.findall(text)
    return f" {' '.join(words)} " if words else ""


def index_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in SCORED:
        builder.add_text_field(field.name, tokenizer_name=_STEMS, index_option="freq")
    builder.add_text_field(WORDS, tokenizer_name=_STEMS, index_option="basic")
    builder.add_text_field(SPELLING, tokenizer_name=_WRITTEN, index_option="basic")
    builder.add_text_field(GRAMS, tokenizer_name=_GRAMS, index_option="freq")
    return builder.build()


def register_analysis(index: tantivy.Index) -> None:
    """An index keeps only the names of its analyzers; this says what they are."""
    index.register_tokenizer(_STEMS, stemmed_words())
    index.register_tokenizer(_WRITTEN, written_words())
    index.register_tokenizer(_GRAMS, grams())


def _folded() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST))
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.lowercase())
    )
