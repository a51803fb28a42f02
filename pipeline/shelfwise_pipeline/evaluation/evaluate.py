"""Orders of the same candidates, compared on questions that no system was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise_pipeline.evaluation.metrics import mean_interval, ndcg
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import SOURCES
from shelfwise_ranker.model import RankModel

FILE = "evaluation.json"
METRIC = "ndcg@10"

Scores = list[NDArray[np.float64]]
"""For each question, a score for each candidate; higher is better."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: `system` is a name, or «a - b» for a paired difference."""

    task: str
    system: str
    metric: str
    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, str | float | int]:
        return asdict(self)


def baselines(retrieved: Sequence[Retrieved], examples: ExampleSet, seed: int = 0) -> dict[str, Scores]:
    """Orders that need no training; `examples` are the features of the same questions."""
    draw = np.random.default_rng(seed)
    month = registry.names(examples.kind).index("purchases_30d")
    systems: dict[str, Scores] = {
        "random": [draw.random(len(one.rows)) for one in retrieved],
        "popularity": [examples.matrix[start:stop, month].astype(np.float64) for start, stop in examples.bounds],
        "retrieval order": [one.order.astype(np.float64) for one in retrieved],
    }
    for place, source in enumerate(SOURCES):
        systems[f"{source} only"] = [np.nan_to_num(one.scores[:, place].astype(np.float64), nan=-np.inf) for one in retrieved]
    return systems


def ranked(model: RankModel, examples: ExampleSet) -> Scores:
    """What a model says of every candidate."""
    scores = model.scores(examples.matrix)
    return [scores[start:stop] for start, stop in examples.bounds]


def compare(
    task: str, retrieved: Sequence[Retrieved], systems: Mapping[str, Scores], against: Mapping[str, Sequence[str]]
) -> list[Row]:
    """A row for every system, then one for every paired difference «a - b» with b in `against[a]`.

    Questions whose answers the retriever did not find count as 0 for every system.
    """
    values = {
        name: np.array(
            [ndcg(score, one.grades, one.question.best) for score, one in zip(scores, retrieved, strict=True)], dtype=np.float64
        )
        for name, scores in systems.items()
    }
    differences = {f"{a} - {b}": values[a] - values[b] for a, others in against.items() for b in others}
    rows = []
    for name, per_question in {**values, **differences}.items():
        interval = mean_interval(per_question)
        rows.append(Row(task, name, METRIC, interval.value, interval.low, interval.high, len(per_question)))
    return rows


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON."""
    path.write_bytes(orjson.dumps([row.as_json() for row in rows], option=orjson.OPT_INDENT_2))
