"""Continues training the bundle's models on the log: what shoppers did with the answers they got.

The first positions are clicked most, relevant or not. LightGBM gets the positions and learns their effect separately from the
relevance. Serving uses no positions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.evaluate import ranked
from shelfwise_pipeline.evaluation.positions import CORRECTED, attention, corrected_values
from shelfwise_pipeline.evaluation.rows import BEFORE, Row, rows_of
from shelfwise_pipeline.examples.from_log import LoggedExamples
from shelfwise_pipeline.training.train import PARAMETERS, labels
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import FACTS_FILE, KIND_OF, LISTED, RankModel, model_file

TRAIN_UNTIL, VALIDATE_UNTIL = 0.7, 0.85
"""By time: questions up to the first share train, those up to the second choose the number of trees, and the rest judge."""

MIN_QUESTIONS = 300
"""With fewer, the log adds less than chance does."""

FEWEST_SHOPPERS = 20
"""Minimum number of shoppers behind the judging questions, where there are several. An interval drawn over few shoppers takes
their chance agreement for certain: with two in 24 of 100 cases rather than in 2.5, with five in 8, with twenty in 4."""

MOST_TREES = 60
STEP = 10
"""Trees added between two evaluations on the questions that choose how many to keep."""

LAST_POSITION = 20
"""All positions further down count as one, because too few shoppers look there to tell them apart."""

MEASURED = ("purchases", "judged searches")
"""The tasks that a kind's model is evaluated on before there is a log."""

MEASURED_LISTED = f"{KIND_OF[LISTED]}, judged lists"
"""The task that the model for a caller's own list is evaluated on before there is a log."""


@dataclass(frozen=True)
class LearnedFromLog:
    """`rows` tell how much better the new models are than the replaced ones, `trees` their number of trees by model name."""

    rows: list[Row]
    trees: dict[str, int]

    def among(self, rows: Iterable[Row]) -> list[Row]:
        """Return `rows`, the evaluation after training, followed by these rows. In `rows`, those of a model that was replaced
        since get the system BEFORE."""
        replaced = {f"{kind}, {measured}" for kind in self.trees for measured in MEASURED}
        if LISTED in self.trees:
            replaced.add(MEASURED_LISTED)
        told = [replace(row, system=BEFORE) if row.system == "ranker" and row.task in replaced else row for row in rows]
        return [*told, *self.rows]


def learn_from_log(ranker_folder: Path, logged: Mapping[str, LoggedExamples]) -> LearnedFromLog:
    """Improve the models of a ranker's folder for which `logged` (by model name) holds enough questions, and evaluate them on
    the last questions.

    A model is replaced only by one that orders the last questions clearly better, corrected for the positions shown: the 95 %
    interval of the paired difference, drawn over shoppers, lies above 0. It is not replaced if so few shoppers asked these
    questions that the interval would say little. A single shopper stands for everybody without an account, so that rule does
    not apply to it.
    """
    rows: list[Row] = []
    trees: dict[str, int] = {}
    facts = orjson.loads((ranker_folder / FACTS_FILE).read_bytes())
    for name, examples in logged.items():
        if name not in facts or len(examples) < MIN_QUESTIONS or _too_few_judge(examples):
            continue
        before = RankModel.load(ranker_folder, KIND_OF[name], name)
        after = train_on_log(before, examples)
        judged = _judged(name, before, after, examples)
        gain = next(row.difference for row in judged if row.system == BEFORE)
        if gain is None or gain.low <= 0:
            continue
        rows += judged
        (ranker_folder / model_file(name)).write_text(after.as_text())
        trees[name] = after.trees
        facts[name] |= {"trees": after.trees, "logged_questions": len(examples)}
    (ranker_folder / FACTS_FILE).write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return LearnedFromLog(rows, trees)


def train_on_log(before: RankModel, logged: LoggedExamples, *, positions: bool = True) -> RankModel:
    """Return `before` with more trees, trained on the first questions: the number of trees that orders the next questions best,
    corrected for positions.

    `positions` False: train as if all positions were looked at alike. The same questions give the same model.
    """
    parameters = {
        **PARAMETERS,
        "num_threads": 1,
        "learning_rate": 0.05,
        "monotone_constraints": [int(rises) for rises in registry.rising(before.kind)],
    }
    first, second = _share(logged, TRAIN_UNTIL), _share(logged, VALIDATE_UNTIL)
    teaching, choosing = logged.part(0, first), logged.part(first, second)
    booster = lightgbm.train(
        parameters,
        _dataset(teaching, positions=positions),
        num_boost_round=MOST_TREES,
        init_model=lightgbm.Booster(model_str=before.as_text()),
    )
    steps = [_of_trees(before.kind, booster, before.trees + more) for more in range(STEP, MOST_TREES + 1, STEP)]
    looks = _attention(teaching)
    return max(steps, key=lambda model: float(_corrected(model, choosing, looks).mean()))


def _of_trees(kind: QuestionKind, booster: lightgbm.Booster, trees: int) -> RankModel:
    return RankModel(kind, lightgbm.Booster(model_str=booster.model_to_string(num_iteration=trees)))


def _share(logged: LoggedExamples, share: float) -> int:
    return int(share * len(logged))


def _dataset(logged: LoggedExamples, *, positions: bool) -> lightgbm.Dataset:
    examples = logged.examples
    return lightgbm.Dataset(
        examples.matrix,
        label=labels(examples.grades),
        group=examples.sizes,
        position=np.minimum(logged.positions, LAST_POSITION) if positions else None,
        feature_name=registry.names(examples.kind),
        free_raw_data=False,
    )


def _last(logged: LoggedExamples) -> LoggedExamples:
    """Return the questions that judge."""
    return logged.part(_share(logged, VALIDATE_UNTIL), len(logged))


def _too_few_judge(logged: LoggedExamples) -> bool:
    askers = _last(logged).askers
    return askers is not None and 1 < len(np.unique(askers)) < FEWEST_SHOPPERS


def _attention(logged: LoggedExamples) -> NDArray[np.float64]:
    examples = logged.examples
    return attention(examples.matrix, logged.positions, examples.grades > 0, LAST_POSITION)


def _corrected(model: RankModel, logged: LoggedExamples, looks: NDArray[np.float64]) -> NDArray[np.float64]:
    """[questions] the value of the model's order, corrected for positions."""
    examples, seen = logged.examples, looks[np.minimum(logged.positions, LAST_POSITION)]
    bounds = examples.bounds
    return corrected_values(
        ranked(model, examples),
        [examples.grades[start:stop] for start, stop in bounds],
        [seen[start:stop] for start, stop in bounds],
    )


def _judged(name: str, before: RankModel, after: RankModel, logged: LoggedExamples) -> list[Row]:
    """Evaluate both models on the last questions. How far down shoppers look is estimated from the others."""
    known, judging = logged.part(0, _share(logged, VALIDATE_UNTIL)), _last(logged)
    looks = _attention(known)
    found = {system: {CORRECTED: _corrected(model, judging, looks)} for system, model in (("ranker", after), (BEFORE, before))}
    return rows_of(f"{name}, logged", [CORRECTED], found, "ranker", judging.askers)
