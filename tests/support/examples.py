"""Random training examples for a model."""

import numpy as np

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_ranker.features import registry

CANDIDATES = 40


def drawn_examples(kind: QuestionKind, questions: int, seed: int) -> ExampleSet:
    """Examples in which candidates with a high first column are bought, with much noise."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(questions * CANDIDATES, len(registry.names(kind)))).astype(np.float32)
    bought = matrix[:, 0] + draw.normal(size=len(matrix)) > 2
    return ExampleSet(kind, matrix, np.where(bought, 3, 0).astype(np.float32), np.full(questions, CANDIDATES))
