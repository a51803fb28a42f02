"""embedder: text to vector."""

from typing import Annotated, Literal

from pydantic import Field

from shelfwise.contracts.base import Message
from shelfwise.contracts.vectors import EncodedVectors

TextKind = Literal["query", "document"]
"""Queries are encoded in 8 bit for speed, documents (catalog texts) in fp32 for fidelity; both live in one space."""


class EmbedRequest(Message):
    """Texts beyond the model's length are cut, as sentence-transformers does."""

    texts: list[Annotated[str, Field(max_length=10_000)]] = Field(min_length=1, max_length=256)
    kind: TextKind = "query"


class EmbedResponse(Message):
    """One vector a text, in the order of the request."""

    vectors: EncodedVectors
