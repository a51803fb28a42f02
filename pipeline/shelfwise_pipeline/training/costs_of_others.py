"""Features of judged questions, with word costs that were not learned from their own grades."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shelfwise_pipeline.examples.featurizing import BehaviorAt, ExampleSet, featurize, joined
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_pipeline.training.judged_examples import FOLDS, fold_of
from shelfwise_pipeline.training.word_costs import learn_word_costs
from shelfwise_ranker.products import ProductTable


@dataclass(frozen=True)
class CostsOfOthers:
    """The product table once for each of the FOLDS folds of the queries, with word costs learned from all other folds."""

    tables: tuple[ProductTable, ...]

    @classmethod
    def learned(cls, lists: Sequence[Retrieved], table: ProductTable) -> "CostsOfOthers":
        """Learn the word costs of each fold's table from judged lists."""
        others = [[one for one in lists if fold_of(one.question) != fold] for fold in range(FOLDS)]
        return cls(tuple(replace(table, word_costs=learn_word_costs(of_others, table)) for of_others in others))

    def featurize(
        self, asked: Sequence[Retrieved], behavior_at: BehaviorAt, *, without_dense: float = 0.0, seed: int = 0
    ) -> ExampleSet:
        """Return the features of text questions, fold by fold; see `featurizing.featurize`."""
        parts = []
        for fold, table in enumerate(self.tables):
            inside = [one for one in asked if fold_of(one.question) == fold]
            parts.append(featurize("text", inside, table, behavior_at, without_dense=without_dense, seed=seed))
        return joined(parts)
