"""From text to index terms: one analysis for documents and questions."""

from typing import NamedTuple

import tantivy

_LONGEST = 40


class Field(NamedTuple):
    """An indexed field, and what a word found in it counts."""

    name: str
    boost: float


SCORED = (Field("title", 1.0), Field("brand", 0.6), Field("category", 0.4))
WORDS = "words"
"""Every word of the three, stemmed, with no frequencies: says whether a document has a word at all."""
SPELLING = "spelling"
"""The same words as they are written; only its dictionary is read."""

_STEMS = "stems"
_WRITTEN = "written"


def written_words() -> tantivy.TextAnalyzer:
    """Lower case, without accents."""
    return _folded().build()


def stemmed_words() -> tantivy.TextAnalyzer:
    """The same words, word for word, reduced to their English stems."""
    return _folded().filter(tantivy.Filter.stemmer("english")).build()


def index_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in SCORED:
        builder.add_text_field(field.name, tokenizer_name=_STEMS, index_option="freq")
    builder.add_text_field(WORDS, tokenizer_name=_STEMS, index_option="basic")
    builder.add_text_field(SPELLING, tokenizer_name=_WRITTEN, index_option="basic")
    return builder.build()


def register_analysis(index: tantivy.Index) -> None:
    """An index keeps only the names of its analyzers; this says what they are."""
    index.register_tokenizer(_STEMS, stemmed_words())
    index.register_tokenizer(_WRITTEN, written_words())


def _folded() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST))
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.lowercase())
    )
