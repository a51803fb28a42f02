"""A sample of what was ranked, with the exact feature values that were used: the next model is trained from it."""

import zlib
from collections import deque
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import name_of_model
from shelfwise_ranker.rank import Ranking

LOGGED = 50
"""The number of best candidates of a request that are kept; hardly any shop shows more."""


@dataclass(frozen=True)
class LoggedRanking:
    """One request; `matrix` [products, columns] has a row for each of `product_ids`, best first.

    `model`: the name of the model that is to learn from it, even if the bundle had none of that name.
    """

    request_id: str
    asked_at: float
    bundle: str
    kind: QuestionKind
    model: str
    product_ids: list[str]
    matrix: NDArray[np.float32]


class FeatureLog:
    """Keeps entries in memory, within a bound, until a writer takes them.

    Entries that do not fit are dropped and counted: a log must never cost a response.
    """

    def __init__(self, share: float, max_bytes: int, registry: CollectorRegistry) -> None:
        """`share`: the part of the requests to log, chosen by their ids, so that every replica chooses the same."""
        self._below = share * 2**32
        self._max_bytes = max_bytes
        self._bytes = 0
        self._waiting: deque[LoggedRanking] = deque()
        self._dropped = Counter(
            "shelfwise_rankings_not_logged_total", "Sampled requests that did not fit into the log.", registry=registry
        )

    def wants(self, request_id: str) -> bool:
        """Whether the request is in the sample."""
        return int.from_bytes(blake2b(request_id.encode(), digest_size=4).digest()) < self._below

    def note(self, request_id: str, ranking: Ranking) -> None:
        """Keep the best candidates of this request; nothing if no model ranked them."""
        if not ranking.matrix.size:
            return
        asked, scores = ranking.asked, np.asarray(ranking.response.scores)
        best = np.argsort(-scores, kind="stable")[:LOGGED]
        logged = LoggedRanking(
            request_id,
            ranking.now,
            ranking.response.bundle,
            asked.kind,
            name_of_model(asked.kind, listed=asked.listed),
            [asked.ids[row] for row in best],
            ranking.matrix[best],
        )
        if self._bytes + logged.matrix.nbytes > self._max_bytes:
            self._dropped.inc()
            return
        self._bytes += logged.matrix.nbytes
        self._waiting.append(logged)

    def take(self, most: int) -> list[LoggedRanking]:
        """Take up to `most` of the kept requests, oldest first."""
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._bytes -= sum(logged.matrix.nbytes for logged in taken)
        return taken

    def lost(self, count: int) -> None:
        """`count` of the requests that were taken could not be written."""
        self._dropped.inc(count)


def features_digest(kind: QuestionKind) -> str:
    """A digest of the columns' names in order: only a matrix of exactly the same columns can be learned from."""
    return blake2b("\n".join(registry.names(kind)).encode(), digest_size=8).hexdigest()


def packed(matrix: NDArray[np.float32]) -> bytes:
    """A matrix in its stored form."""
    return zlib.compress(np.ascontiguousarray(matrix, "<f4").tobytes(), 1)


def unpacked(stored: bytes, rows: int) -> NDArray[np.float32]:
    """The matrix that `packed` stored, exactly."""
    return np.frombuffer(zlib.decompress(stored), "<f4").reshape(rows, -1)
