"""Writes the ranker's part of a bundle."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson

from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_pipeline.training.facts import TrainedOn
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import sources_of
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.model import FACTS_FILE, LISTED, RankModel, model_file
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.warm_up import FILE as WARM_UP_FILE


def write_ranker(
    folder: Path,
    table: ProductTable,
    behavior: BehaviorStats,
    habits: HabitStats,
    models: Mapping[QuestionKind, RankModel],
    trained_on: Mapping[QuestionKind, TrainedOn],
    warm_up: Sequence[RankRequest],
    listed: RankModel | None = None,
) -> None:
    """Write every file of the ranker's folder.

    `warm_up`: questions that are stored as they are, so they must not be a shopper's (see `warming`). `listed`: the model for a
    caller's own list, if there is one.
    """
    table.save(folder)
    behavior.save(folder, table)
    habits.save(folder, table)
    (folder / model_file("text")).parent.mkdir(parents=True, exist_ok=True)
    facts: dict[str, dict[str, object]] = {}
    for kind, model in models.items():
        (folder / model_file(kind)).write_text(model.as_text())
        facts[kind] = {"features": registry.names(kind), "trees": model.trees, "trained_on": trained_on[kind]}
    if listed is not None:
        (folder / model_file(LISTED)).write_text(listed.as_text())
        facts[LISTED] = {"features": registry.names("text"), "trees": listed.trees, "trained_on": "judgements"}
    (folder / FACTS_FILE).write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    (folder / WARM_UP_FILE).write_text("".join(request.model_dump_json() + "\n" for request in warm_up))


def rank_request(retrieved: Retrieved, table: ProductTable) -> RankRequest:
    """Return the request that the gateway would send for these candidates."""
    question = retrieved.question
    ids = [table.ids[row] for row in retrieved.rows.tolist()]
    scores = {
        name: [None if np.isnan(score) else score for score in retrieved.scores[:, place].tolist()]
        for place, name in enumerate(sources_of(question.kind))
    }
    seeds = [table.ids[row] for row in question.seed_rows.tolist()]
    return RankRequest(kind=question.kind, text=question.text, seeds=seeds, history=question.history, ids=ids, scores=scores)
