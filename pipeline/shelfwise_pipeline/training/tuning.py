"""A search for better parameters with Optuna, on the validation period alone and within a time limit."""

import time
from typing import Any

import optuna

from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.training.choosing import OBJECTIVES, Chosen, choose, first_choice


def tuned(examples: ExampleSet, validation: ExampleSet, trials: int, seconds: float, seed: int) -> Chosen:
    """Return the best of the first choice and at most `trials` others, none of them started after `seconds`.

    Another choice is taken only if it is surely better than the first: of many trials, some are best by chance, on this period
    and on no later one. If the time suffices for all trials, the same examples give the same choice.

    Raises:
        ValueError: there is no question to learn from.
    """
    started = time.monotonic()
    first = first_choice(examples)
    tried = [choose(examples, validation, first)]
    if trials:
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # one line per trial only helps when tuning by hand

        def ndcg(trial: optuna.Trial) -> float:
            tried.append(choose(examples, validation, _drawn(trial)))
            return tried[-1].ndcg

        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        for name in OBJECTIVES:
            if name != first["objective"]:
                study.enqueue_trial({"objective": name})
        study.optimize(ndcg, n_trials=trials, timeout=max(0.0, seconds - (time.monotonic() - started)))
    best = max(tried, key=lambda chosen: chosen.ndcg)
    return best if best.surely_above(tried[0]) else tried[0]


def _drawn(trial: optuna.Trial) -> dict[str, Any]:
    """Parameters beyond choosing.COMMON."""
    return {
        **OBJECTIVES[trial.suggest_categorical("objective", list(OBJECTIVES))],
        "extra_trees": trial.suggest_categorical("extra_trees", [True, False]),
        "num_leaves": trial.suggest_int("num_leaves", 7, 31),
        "learning_rate": trial.suggest_float("learning_rate", 0.04, 0.12, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 30, 300, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 1.0, 60.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 1.0),
    }
