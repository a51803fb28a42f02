"""encoder.json: the description in the encoder part of a bundle."""

import base64
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import BundleDamaged
from shelfwise_embedder.engines.base import Vectors

FILE_NAME: Final = "encoder.json"

Family = Literal["bert", "fake"]


class Fidelity(BaseModel):
    """How well 8-bit queries find what fp32 queries find among fp32 documents; measured at build time."""

    model_config = ConfigDict(frozen=True)

    overlap_at_10: float = Field(description="Mean share of a query's ten nearest documents that is the same.")
    cosine_mean: float = Field(description="Between a text's 8-bit and fp32 vector.")
    cosine_min: float
    queries: int
    documents: int


class Probe(BaseModel):
    """Texts with their vectors from the build: an engine that computes others has other weights or a broken kernel."""

    model_config = ConfigDict(frozen=True)

    texts: list[str]
    base64: str = Field(description="Little-endian float32, row after row.")

    @classmethod
    def of(cls, texts: list[str], vectors: Vectors) -> "Probe":
        return cls(texts=texts, base64=base64.b64encode(vectors.astype("<f4").tobytes()).decode())

    def vectors(self) -> Vectors:
        """[texts, dimension]."""
        flat = np.frombuffer(base64.b64decode(self.base64), dtype="<f4")
        return flat.reshape(len(self.texts), -1)


class EncoderDescription(BaseModel):
    """The content of encoder.json."""

    model_config = ConfigDict(frozen=True)

    family: Family
    space: VectorSpace
    max_tokens: int = Field(ge=3, description="Longer texts are cut; special tokens included.")
    source: str = Field(description="Where the weights came from: a hub id or a folder's name.")
    source_sha256: str | None = Field(description="Of the checkpoint's tensors; none for the fake.")
    fidelity: Fidelity | None = None
    probe: Probe

    @classmethod
    def read(cls, folder: Path) -> "EncoderDescription":
        """Read `folder`/encoder.json.

        Raises:
            BundleDamaged: the file is missing, or not what this code writes.
        """
        path = folder / FILE_NAME
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise BundleDamaged(f"expected {FILE_NAME} in {str(folder)!r}, found none; build the bundle again") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BundleDamaged(f"{str(path)!r}, {where}: {first['msg']}; build the bundle again") from error

    def write(self, folder: Path) -> None:
        (folder / FILE_NAME).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
