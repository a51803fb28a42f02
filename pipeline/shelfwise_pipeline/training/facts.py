"""The results of training that the rest of the build uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.question import gains
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_ranker.features.request import sources_of
from shelfwise_ranker.model import RankModel
from shelfwise_retriever.fusion_fit import Example

TrainedOn = Literal["events", "judgements", "catalog", "stand-in"]
"""`stand-in`: the events were too few to train a model, so another kind's model answers (shelfwise_ranker.stand_in)."""


def fusion_example(retrieved: Retrieved) -> Example:
    """Return a question's candidates and their gains, for the retriever's own fusion of its sources."""
    columns = {name: retrieved.scores[:, place] for place, name in enumerate(sources_of(retrieved.question.kind))}
    return Example(columns, gains(retrieved.grades).astype(np.float32))


@dataclass(frozen=True)
class Learned:
    """The model trained on the shop's data for a kind of question."""

    model: RankModel
    trained_on: TrainedOn
    evaluation: list[Row]
    """On questions the model had not seen. The models of the behavioral kinds were trained on these, too, after the
    evaluation."""
    sample: list[Retrieved]
    """Candidates it was trained on."""


@dataclass(frozen=True)
class RankerFacts:
    """Facts about the rankers for the manifest and for the retriever."""

    features: dict[QuestionKind, list[str]]
    trained_on: dict[QuestionKind, TrainedOn]
    trees: dict[QuestionKind, int]
    evaluation: list[Row]
    fusion: Mapping[QuestionKind, Sequence[Example]]
    meaning: NDArray[np.float32] | None = None
    """The map of the retriever's `judged` source, if judgements taught one."""
