"""The model for a shop without events, trained on the catalog itself.

Its grades depend on words and categories only, so its trees may use nothing else. Any order they found in prices or dates would
be chance, and would separate products with the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.evaluation.evaluate import baselines, compare, ranked
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.featurizing import featurize
from shelfwise_pipeline.examples.retrieving import Retrieved, with_answer
from shelfwise_pipeline.training.costs_of_others import CostsOfOthers
from shelfwise_pipeline.training.train import train
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable

TRAIN, VALIDATE = 0.7, 0.85
"""Questions up to the first share train, those up to the second choose the number of trees, and the rest judge."""

WITHOUT_DENSE = 0.1

MAX_TREES = 40
"""More trees would fit these questions better than shoppers, and a model from events builds on these trees."""

FAMILIES = frozenset({"sources", "text", "category"})

WHOLE = {"bagging_freq": 0}
"""No bagging: of a single candidate, LightGBM would draw none."""


class CatalogTooSmall(PipelineError):
    """The catalog has nothing to recommend."""


@dataclass(frozen=True)
class DayZero:
    """The model, its evaluation on unseen catalog questions, and the questions that trained it, in random order."""

    model: RankModel
    evaluation: list[Row]
    taught: list[Retrieved]
    costs: CostsOfOthers | None = None
    """For the features of `taught`, where those are judged searches."""


def train_day_zero(kind: QuestionKind, retrieved: Sequence[Retrieved], table: ProductTable) -> DayZero:
    """Train on catalog questions, split by question. No feature sees any behavior.

    If no question has candidates of different grades, as in a shop with as many categories as products, there is nothing to
    learn: the model scores all candidates alike, so they stay in the order of retrieval.

    Raises:
        CatalogTooSmall: no question has any candidates.
    """
    nothing = BehaviorStats.empty(table)
    telling = with_answer(retrieved)
    usable = telling or [one for one in retrieved if len(one.rows)]
    if not usable:
        raise CatalogTooSmall(
            f"expected a catalog in which {'a text' if kind == 'text' else 'one product'} finds other products, found none in "
            f"{len(table):,} products; import more products that are in stock, then build again"
        )
    first, second = max(1, int(TRAIN * len(usable))), max(1, int(VALIDATE * len(usable)))
    examples = featurize(kind, usable[:first], table, lambda _: nothing, without_dense=WITHOUT_DENSE)
    choosing = featurize(kind, usable[first:second], table, lambda _: nothing)
    settings = {} if telling else WHOLE
    model = train(examples, choosing, FAMILIES, most=MAX_TREES, settings=settings)
    if kind == "product":
        # Its grades are functions of its features, so a metric would only show that trees can reproduce them.
        return DayZero(model, [], usable[:first])
    # All questions after those, including the ones whose answer was not found.
    last = next(place for place, one in enumerate(retrieved) if one is usable[second - 1])
    held_out = retrieved[last + 1 :]
    features = featurize(kind, held_out, table, lambda _: nothing)
    systems = baselines(held_out, features)
    del systems["popularity"]  # nothing was bought yet
    systems["day-0 ranker"] = ranked(model, features)
    rows = compare(f"{kind}, catalog", held_out, systems, ours="day-0 ranker")
    return DayZero(model, rows, usable[:first])
