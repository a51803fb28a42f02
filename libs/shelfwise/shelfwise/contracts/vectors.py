"""Vectors on the wire: little-endian float32 in base64, and the space they live in."""

from pydantic import Field

from shelfwise.contracts.base import Message


class VectorSpace(Message):
    """Vectors may be compared only within one space."""

    model: str = Field(description="The encoder's name and the first digits of the sha256 of its weights.")
    dimension: int = Field(ge=1)
    normalized: bool = Field(description="True: the vectors have unit length, so the inner product is the cosine.")


class EncodedVectors(Message):
    """`count` vectors, row after row."""

    space: VectorSpace
    count: int = Field(ge=1)
    base64: str
