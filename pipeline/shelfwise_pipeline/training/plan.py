"""How much is asked for the training of one kind of question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.training.train import DISTANCES

BEHAVIORAL_KINDS: tuple[QuestionKind, ...] = ("together", "user")
"""What events alone teach."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbers of questions. The defaults take some 140 seconds on two processors for a shop of 90,000 products."""

    train: int = 3_000
    validate: int = 1_200
    test: int = 1_200
    catalog: int = 2_400  # for the day-0 model; of text questions a half is paraphrased
    behavioral: int = 1_000  # to teach each of the kinds that events alone teach
    kinds: tuple[QuestionKind, ...] = BEHAVIORAL_KINDS  # those of them that are taught at all
    behavioral_held_out: int = 400  # to choose for those, and to judge them
    windows: int = 2  # moments at which those are asked
    counted: float = 0.1  # after this part of a window what is bought is counted anew; in service, every purchase at once
    trials: int = 0  # of other parameters for those, chosen on the validation period
    tuning_s: float = 600.0  # no trial is begun after that, for each kind
    fusion: int = 1_500  # handed to the retriever's own fusion
    paraphrased: float = 0.4  # of the text questions from events; of those that judge, none
    judged: int = 5_000  # queries of judgements that are searched for; the judged lists teach all of them
    judged_choosing: int = 800
    warm_up: int = 4
    seed: int = 7
    listed_settings: Mapping[str, Any] = field(default_factory=lambda: DISTANCES)
    judged_settings: Mapping[str, Any] = field(
        default_factory=lambda: {"num_leaves": 15, "learning_rate": 0.05, "lambdarank_truncation_level": 60}
    )


THOROUGH = Plan(behavioral=12_000, windows=6, behavioral_held_out=2_000, trials=40)
"""For a build that may take some minutes more on 90,000 products, and learns better what shoppers want."""

QUICK = Plan(train=900, validate=400, test=400, catalog=700, behavioral=300, behavioral_held_out=150, fusion=400)
"""For a first look: a third of the questions, in a third of the time."""
