"""A sample of what was asked and which features it had: proof that serving computes what training computed."""

import logging
import random
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise_ranker.features import registry
from shelfwise_ranker.rank import Ranking

_log = logging.getLogger("shelfwise.ranker")


class FeatureLog:
    """Appends one JSON object a line: bundle, now, request, features (names), matrix (rows of numbers, null for NaN).

    Used from the thread that ranks. A log that cannot be written, or is full, is given up with a warning: it must never
    cost an answer.
    """

    def __init__(self, path: Path, share: float, max_bytes: int, seed: int | None = None) -> None:
        self._path = path
        self._share = share
        self._max_bytes = max_bytes
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret
        self._given_up = False

    def note(self, ranking: Ranking) -> None:
        """Write down what was asked and computed, if it is in the sample; nothing is computed where no model is asked."""
        request = ranking.asked
        if self._given_up or self._random.random() >= self._share or not ranking.matrix.shape[1]:
            return
        line = orjson.dumps(
            {
                "bundle": ranking.response.bundle,
                "now": ranking.now,
                "request": request.model_dump(),
                "features": registry.names(request.kind),
                "matrix": ranking.matrix,
            },
            option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE,
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                if file.tell() + len(line) > self._max_bytes:
                    self._give_up(f"it holds {file.tell()} bytes, {self._max_bytes} is the most")
                    return
                file.write(line)
        except OSError as error:
            self._give_up(str(error))

    def _give_up(self, why: str) -> None:
        self._given_up = True
        _log.warning("feature log ends", extra={"path": str(self._path), "why": why})


def logged_matrix(entry: dict[str, Any]) -> NDArray[np.float32]:
    """The matrix of one parsed line, exactly as it was computed."""
    rows = [[np.nan if value is None else value for value in row] for row in entry["matrix"]]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(entry["features"]))
