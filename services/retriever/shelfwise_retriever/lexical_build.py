"""Builds the lexical index."""

from collections.abc import Collection, Iterable
from itertools import chain
from pathlib import Path

import tantivy

from shelfwise.units import usual
from shelfwise_retriever.accents import accented
from shelfwise_retriever.known_words import write_known_words
from shelfwise_retriever.words import (
    GRAMS,
    NUMBER,
    SCORED,
    SPELLING,
    TITLE,
    WORDS,
    index_schema,
    register_analysis,
    spaced,
    words,
)

_HEAP_BYTES = 3_000_000_000
"""A threshold, not an allocation: below it, a writer fills one segment whose document numbers follow the order of arrival."""


def build_lexical(folder: Path, documents: Iterable[tuple[str, ...]], known_words: Collection[str] = ()) -> int:
    """Write the index of `documents` (texts in the order of `SCORED`), in their order; return the number of segments.

    `known_words` of the language are never corrected, whether or not the documents have them.
    """
    folder.mkdir(exist_ok=True)
    write_known_words(folder, known_words)
    index = tantivy.Index(index_schema(), str(folder))
    register_analysis(index)
    writer = index.writer(_HEAP_BYTES, 1)
    for number, texts in enumerate(documents):
        document = tantivy.Document()
        found = [words(text) for text in texts]
        counted = [" ".join(map(usual, written)) for written in found]
        for field, of_field in zip(SCORED, counted, strict=True):
            document.add_text(field.name, of_field)
        document.add_text(WORDS, " ".join(counted))
        document.add_text(SPELLING, " ".join([*chain.from_iterable(found), *chain.from_iterable(map(accented, texts))]))
        document.add_text(GRAMS, spaced(texts[TITLE]))
        document.add_unsigned(NUMBER, number)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    for lock in folder.glob(".tantivy-*.lock"):
        lock.unlink()
    return index.searcher().num_segments
