"""Vectors of texts that the served bundle does not know: from memory, from the database, from the embedder."""

import base64
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from shelfwise.clients import Embedder
from shelfwise.contracts.product import text_key
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.database import Database
from shelfwise.database.pool import Connection
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError, UpstreamUnavailable
from shelfwise_retriever.groups import Scores

_AT_ONCE = 16
"""Texts per request to the embedder; searches get their turn in between."""

_EMBED_MS = 10_000
_REMEMBERED = 2_048

_FIND = "SELECT sha256, vector FROM catalog.vectors WHERE space = %s AND sha256 = ANY(%s)"
_STORE = """
INSERT INTO catalog.vectors (space, sha256, vector) SELECT %s, unnest(%s::bytea[]), unnest(%s::bytea[]) ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class Found:
    """`vectors` of the requested texts; `problem` says why some are missing. The database does not have the `fresh` ones."""

    vectors: dict[str, Scores] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    problem: ShelfwiseError | None = None


class TextVectors:
    """Asks the embedder only for texts that no one has asked it for before in the same space."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._recent: OrderedDict[tuple[str, bytes], Scores] = OrderedDict()

    async def find(self, texts: Collection[str], space: VectorSpace) -> Found:
        """
        Raises:
            DatabaseUnavailable
        """
        found = Found()
        key = space_key(space)
        missing = {}
        for text in dict.fromkeys(texts):
            digest = text_key(text)
            if (recent := self._recent.get((key, digest))) is not None:
                found.vectors[text] = recent
            else:
                missing[digest] = text
        if missing:
            async with self._database.connection() as connection:
                rows = await (await connection.execute(_FIND, [key, list(missing)])).fetchall()
            for digest, raw in rows:
                found.vectors[missing.pop(bytes(digest))] = np.frombuffer(raw, "<f4").astype(np.float32)
            await self._embed(list(missing.values()), space, found)
        for text, vector in found.vectors.items():
            self._remember((key, text_key(text)), vector)
        return found

    async def store(self, connection: Connection, vectors: dict[str, Scores], space: VectorSpace) -> None:
        """Store the vectors of these texts, for the other retrievers and for later."""
        if vectors:
            # In the same order everywhere, so that two writers never wait for each other in both directions.
            rows = sorted((text_key(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items())
            await connection.execute(_STORE, [space_key(space), [row[0] for row in rows], [row[1] for row in rows]])

    async def _embed(self, texts: list[str], space: VectorSpace, found: Found) -> None:
        try:
            for part in _parts(texts):
                answer = await self._embedder.embed_documents(part, Deadline.after_ms(_EMBED_MS))
                given = VectorSpace.model_validate(answer["space"])
                if given != space:
                    raise UpstreamUnavailable(
                        f"expected vectors of {space.model!r} from the embedder, found those of {given.model!r}; "
                        "it will serve the same bundle soon, try again in a moment"
                    )
                raw = np.frombuffer(base64.b64decode(answer["base64"]), "<f4").reshape(len(part), space.dimension)
                found.vectors.update(zip(part, raw.astype(np.float32), strict=True))
                found.fresh.update(part)
        except ShelfwiseError as error:
            found.problem = error

    def _remember(self, key: tuple[str, bytes], vector: Scores) -> None:
        self._recent[key] = vector
        self._recent.move_to_end(key)
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)


def space_key(space: VectorSpace) -> str:
    """The name of a space in the database."""
    return f"{space.model}/{space.dimension}/{'normalized' if space.normalized else 'as it is'}"


def _parts(texts: list[str]) -> Iterator[list[str]]:
    starts: Iterable[int] = range(0, len(texts), _AT_ONCE)
    return (texts[start : start + _AT_ONCE] for start in starts)
