"""Decodes vectors and encodes answers."""

import base64
import binascii
from typing import Any

import numpy as np

from shelfwise.contracts import product_lines
from shelfwise.contracts.retrieve import RetrieveRequest
from shelfwise.contracts.vectors import EncodedVectors, VectorSpace
from shelfwise.errors import ForeignVector, InvalidRequest
from shelfwise_retriever.candidates import Candidates
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.chance import Chance
from shelfwise_retriever.groups import Scores
from shelfwise_retriever.left_out import left_out

_LITTLE_ENDIAN = np.dtype("<f4")


def decoded(given: EncodedVectors, space: VectorSpace) -> Scores:
    """The single vector of a question, [dimension].

    Raises:
        ForeignVector: it is from another space than the catalog's.
        InvalidRequest: it is not one vector of finite numbers.
    """
    if given.space != space:
        raise ForeignVector(
            f"expected a vector of {_named(space)}, found one of {_named(given.space)}; embed with the same bundle"
        )
    if given.count != 1:
        raise InvalidRequest(f"vector: expected one vector, found {given.count}")
    try:
        raw = base64.b64decode(given.base64, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("vector.base64: expected base64, found something else") from None
    if len(raw) != space.dimension * _LITTLE_ENDIAN.itemsize:
        raise InvalidRequest(f"vector.base64: expected {space.dimension} float32 numbers, found {len(raw)} bytes")
    vector = np.frombuffer(raw, _LITTLE_ENDIAN).astype(np.float32, copy=False)
    if not np.isfinite(vector).all():
        raise InvalidRequest("vector.base64: expected finite numbers, found NaN or infinity")
    return vector


def answer(
    bundle: str, asked: RetrieveRequest, candidates: Candidates, catalog: Catalog, chance: Chance | None = None
) -> bytes:
    """A `RetrieveResponse` in bytes. Products were serialized when the bundle was opened; NaN becomes null.

    `chance`: given for a text question with a vector, if it is known.
    """
    body: dict[str, Any] = {
        "bundle": bundle,
        "ids": candidates.ids,
        "order": candidates.order,
        "scores": candidates.scores,
    }
    if candidates.why_fewer is not None:
        body["why_fewer"] = candidates.why_fewer
    if chance is not None:
        body["dense_by_chance"] = chance.dense
    if candidates.named is not None:
        body["named"] = candidates.named
    given = asked.seeds if asked.only is None else asked.only
    unknown = [product_id for product_id in given if catalog.find(product_id) is None]
    if unknown or asked.only is not None:
        body["unknown"] = unknown
    if known := left_out(catalog, asked.seeds, asked.history, asked.exclude):
        body["left_out"] = known
    return product_lines.written(body, catalog.lines_of(candidates.rows))


def correction(bundle: str, meant: str) -> bytes:
    """A `RetrieveResponse` in bytes without candidates, with the text as `meant`."""
    return product_lines.written({"bundle": bundle, "ids": [], "order": [], "scores": {}, "corrected": meant}, [])


def _named(space: VectorSpace) -> str:
    return f"{space.model!r} ({space.dimension} dimensions, {'' if space.normalized else 'not '}normalized)"
