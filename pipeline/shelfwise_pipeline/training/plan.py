"""How many questions are asked to train each kind, and the training's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.training.train import DISTANCES

BEHAVIORAL_KINDS: tuple[QuestionKind, ...] = ("together", "user")
"""The kinds that only events can teach."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbers of questions. The defaults take about 140 seconds on two processors for a shop of 90,000 products."""

    train: int = 3_000
    validate: int = 1_200
    test: int = 1_200
    catalog: int = 2_400  # for the day-0 model; half of the text questions are paraphrased
    behavioral: int = 1_000  # to train each of the kinds that only events can teach
    kinds: tuple[QuestionKind, ...] = BEHAVIORAL_KINDS  # which of those kinds are trained
    behavioral_held_out: int = 400  # to choose for those kinds, and as many to judge them
    windows: int = 2  # moments at which their training questions are asked
    counted: float = 0.1  # share of a window after which purchases are counted anew; in service, each counts at once
    trials: int = 0  # of other parameters for those kinds, compared on the validation period
    tuning_s: float = 600.0  # no trial starts after that, for each kind
    fusion: int = 1_500  # used to fit the retriever's own fusion
    paraphrased: float = 0.4  # share of the text questions from events; none of those that judge
    judged: int = 5_000  # judged queries that are also searched; the judged lists of all of them train
    judged_choosing: int = 800
    warm_up: int = 4
    seed: int = 7
    listed_settings: Mapping[str, Any] = field(default_factory=lambda: DISTANCES)
    judged_settings: Mapping[str, Any] = field(
        default_factory=lambda: {"num_leaves": 15, "learning_rate": 0.05, "lambdarank_truncation_level": 60}
    )


THOROUGH = Plan(behavioral=12_000, windows=6, behavioral_held_out=2_000, trials=40)
"""Takes some minutes more on 90,000 products, and learns better what shoppers want."""

QUICK = Plan(train=900, validate=400, test=400, catalog=700, behavioral=300, behavioral_held_out=150, fusion=400)
"""For a first look: a third of the questions, in a third of the time."""
