"""Examples for a model, drawn by chance."""

import numpy as np

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_ranker.features import registry

CANDIDATES = 40


def drawn_examples(kind: QuestionKind, questions: int, seed: int) -> ExampleSet:
    """Bought is what the first column is high for, with much chance."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(questions * CANDIDATES, len(registry.names(kind)))).astype(np.float32)
    bought = matrix[:, 0] + draw.normal(size=len(matrix)) > 2
    return ExampleSet(kind, matrix, np.where(bought, 3, 0).astype(np.float32), np.full(questions, CANDIDATES))
