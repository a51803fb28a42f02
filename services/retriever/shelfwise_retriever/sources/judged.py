"""Neighbours in the vector space as this shop's judges see it: the question's vector is mapped as learned from graded lists."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question, Source

FILE = "judged.safetensors"
_NAME = "map"

Map = NDArray[np.float32]  # [dimension, dimension]


class JudgedSource:
    """Queries another source with (question's vector) @ map."""

    name = "judged"

    def __init__(self, meaning: Map, near: Source) -> None:
        """`near`: a source that searches by vector."""
        self._meaning = meaning
        self._near = near

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        return self._near.search(self._mapped(question), allowed, limit, per_text)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        return self._near.scores_of(self._mapped(question), rows)

    def _mapped(self, question: Question) -> Question:
        """The question with its mapped vector; an empty question if there is no vector."""
        if question.vector is None:
            return Question(None, None)
        mapped: Question | None = question.made.get(self.name)
        if mapped is None:
            mapped = question.made[self.name] = Question(None, np.ascontiguousarray(question.vector @ self._meaning))
        return mapped


def write_meaning(folder: Path, meaning: Map) -> None:
    save_file({_NAME: np.ascontiguousarray(meaning, np.float32)}, str(folder / FILE))


def read_meaning(folder: Path, dimension: int) -> Map | None:
    """The map that `write_meaning` wrote; None in a shop without judgements.

    Raises:
        BundleDamaged: the file cannot be read, or its map is for vectors of another dimension.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        found: Map = load_file(path)[_NAME]
    except (SafetensorError, KeyError) as error:
        raise BundleDamaged(f"{FILE} cannot be read: {error!r}; build the bundle again") from error
    if found.shape != (dimension, dimension):
        raise BundleDamaged(f"{FILE}: expected a map of {dimension} dimensions, found {found.shape}; build the bundle again")
    return found
