"""Compares orders of the same candidates, on questions that no system was trained on."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.evaluation.rows import Row, rows_of
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.question import NOBODY
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import sources_of
from shelfwise_ranker.model import RankModel

FILE = "evaluation.json"
METRIC = "ndcg@10"

Scores = list[NDArray[np.float64]]
"""For each question, a score for each candidate; higher is better."""


def baselines(retrieved: Sequence[Retrieved], examples: ExampleSet) -> dict[str, Scores]:
    """Return orders that need no training; `examples` are the features of the same questions."""
    draw = np.random.default_rng(0)
    month = registry.names(examples.kind).index("purchases_30d")
    systems: dict[str, Scores] = {
        "random": [draw.random(len(one.rows)) for one in retrieved],
        "popularity": [examples.matrix[start:stop, month].astype(np.float64) for start, stop in examples.bounds],
        "retrieval order": [one.order.astype(np.float64) for one in retrieved],
    }
    names = registry.names(examples.kind)
    if "own_purchases" in names and not np.isnan(examples.matrix[:, names.index("own_purchases")]).all():
        own = np.nan_to_num(examples.matrix[:, names.index("own_purchases")])
        month_of = examples.matrix[:, month].astype(np.float64)
        # Products never bought by the shopper follow, by popularity.
        often = own + month_of / (1.0 + month_of.max(initial=0.0))
        systems["own frequency"] = [often[start:stop] for start, stop in examples.bounds]
    for place, source in enumerate(sources_of(examples.kind)):
        if all(np.isnan(one.scores[:, place]).all() for one in retrieved):
            continue  # the shop has no such source
        systems[f"{source} only"] = [np.nan_to_num(one.scores[:, place].astype(np.float64), nan=-np.inf) for one in retrieved]
    return systems


def ranked(model: RankModel, examples: ExampleSet) -> Scores:
    """Return a model's scores of all candidates."""
    scores = model.scores(examples.matrix)
    return [scores[start:stop] for start, stop in examples.bounds]


def compare(task: str, retrieved: Sequence[Retrieved], systems: Mapping[str, Scores], ours: str) -> list[Row]:
    """Return a row for every system, the best first, each with its paired difference from `ours`.

    Questions whose answers the retriever did not find count as 0 for every system. Without questions there are no rows.
    """
    if not retrieved:
        return []
    found = {name: {METRIC: _values(scores, retrieved)} for name, scores in systems.items()}
    return rows_of(task, [METRIC], found, ours, _askers(retrieved))


def _askers(retrieved: Sequence[Retrieved]) -> NDArray[np.int64]:
    """Return each question's asker. Every question without a known asker gets a number of its own."""
    known = np.array([one.question.asker for one in retrieved], dtype=np.int64)
    return np.where(known == NOBODY, -1 - np.arange(len(known)), known)


def _values(scores: Scores, retrieved: Sequence[Retrieved]) -> NDArray[np.float64]:
    return np.array(
        [ndcg(score, one.grades, one.question.best) for score, one in zip(scores, retrieved, strict=True)], dtype=np.float64
    )
