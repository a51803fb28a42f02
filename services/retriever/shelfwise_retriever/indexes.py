"""What is searched, as one thing: it changes in place, and a compaction replaces it as a whole."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from shelfwise.contracts.product import document_text
from shelfwise_retriever.documents import Documents
from shelfwise_retriever.groups import RowGroups, Scores
from shelfwise_retriever.numbering import Numbering
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.vectors import Vectors


class Numberings(NamedTuple):
    """Which vector a text has, and which document a product's words are."""

    texts: Numbering
    documents: Numbering

    @classmethod
    def of(cls, products: pl.DataFrame, texts: RowGroups, documents: Documents) -> "Numberings":
        """Those of a bundle."""
        groups, first = texts.firsts()
        said = (document_text(title, category) for title, category in products.select("title", "category")[first].iter_rows())
        return cls(Numbering(said, groups), Numbering(documents.texts))


@dataclass(slots=True)
class Indexes:
    """Vectors, the groups of rows that share one, words, the groups that share a document, and which number what has."""

    vectors: Vectors
    texts: RowGroups
    documents: RowGroups
    dense: DenseSource
    lexical: LexicalSource
    numberings: Numberings

    def knows(self, text: str) -> bool:
        """Is there a vector of this `document_text`?"""
        return self.numberings.texts.get(text) is not None

    def vector_of(self, row: int) -> Scores:
        """The vector of the row's text."""
        return self.vectors[int(self.texts.of_row[row])]

    def put(self, row: int, product: dict[str, Any], vector: Scores | None) -> None:
        """The row now has what `product` says; `vector` is needed when its text is not known.

        Raises:
            ValueError: it is needed and absent.
        """
        text = text_of(product)
        number = self.numberings.texts.get(text)
        if number is None:
            if vector is None:
                raise ValueError(f"expected a vector of {text!r}, found none; embed it first")
            number = self.vectors.count
            self.dense.add(vector[None])
            self.numberings.texts.add(text, number)
        self.texts.put(row, number)
        words = words_of(product)
        document = self.numberings.documents.get(words)
        if document is None:
            document = self.documents.count
            self.lexical.add(words)
            self.numberings.documents.add(words, document)
        self.documents.put(row, document)

    def take(self, row: int) -> None:
        """The row holds no product any more."""
        self.texts.take(row)
        self.documents.take(row)

    @property
    def wear(self) -> float:
        """How much of it is not as it was built: texts and documents without products, documents scored in memory; 0 to 1."""
        texts, documents = self.texts, self.documents
        worn = max(texts.empty / max(1, texts.count), (documents.empty + self.lexical.live) / max(1, documents.count))
        later = self.vectors.count - self.dense.plan.vectors
        return max(worn, later / max(1, self.vectors.count))


def text_of(product: dict[str, Any]) -> str:
    """The `document_text` of a product."""
    return document_text(product["title"], product.get("category") or [])


def words_of(product: dict[str, Any]) -> tuple[str, ...]:
    """A product's texts as the lexical index has them; equal to those of `documents_of`."""
    return product["title"], product.get("brand") or "", " ".join(product.get("category") or [])
