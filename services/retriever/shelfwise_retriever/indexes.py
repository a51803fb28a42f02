"""All search indexes as one unit: it changes in place, and a compaction replaces it as a whole."""

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
    """The vector number of each text and the document number of each product's words."""

    texts: Numbering
    documents: Numbering

    @classmethod
    def of(cls, products: pl.DataFrame, texts: RowGroups, documents: Documents) -> "Numberings":
        """The numberings of a bundle."""
        groups, first = texts.firsts()
        said = (document_text(title, category) for title, category in products.select("title", "category")[first].iter_rows())
        return cls(Numbering(said, groups), Numbering(documents.texts))


@dataclass(slots=True)
class Indexes:
    """Vectors, the groups of rows that share a vector, words, the groups that share a document, and the numberings of both."""

    vectors: Vectors
    texts: RowGroups
    documents: RowGroups
    dense: DenseSource
    lexical: LexicalSource
    numberings: Numberings

    def knows(self, text: str) -> bool:
        """Whether there is a vector of this `document_text`."""
        return self.numberings.texts.get(text) is not None

    def vector_of(self, row: int) -> Scores:
        """The vector of the row's text."""
        return self.vectors[int(self.texts.of_row[row])]

    def put(self, row: int, product: dict[str, Any], vector: Scores | None) -> None:
        """Index `product` at the row; `vector` is needed if the product's text is not known.

        Raises:
            ValueError: `vector` is needed and absent.
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
        """Remove the row, which no longer holds a product."""
        self.texts.take(row)
        self.documents.take(row)

    @property
    def wear(self) -> float:
        """The worn share, 0 to 1: texts and documents without products, vectors added since the index was built, and documents
        scored in memory."""
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
