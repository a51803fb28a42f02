"""The model for a shop without events, trained on the catalog itself.

Its grades know words and categories only. So its trees may look at nothing else: whatever order they found in prices or dates
would be chance, and would tear apart products that read the same.
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
"""Questions up to the first share teach, up to the second choose the number of trees, the rest judge."""

WITHOUT_DENSE = 0.1

MAX_TREES = 40
"""More fit the questions better than they fit shoppers; and a model from events builds upon these."""

FAMILIES = frozenset({"sources", "text", "category"})

WHOLE = {"bagging_freq": 0}
"""Of a single candidate LightGBM would draw none."""


class CatalogTooSmall(PipelineError):
    """There is nothing to recommend."""


@dataclass(frozen=True)
class DayZero:
    """The model, how it does on catalog questions it has not seen, and those that taught it, in an order drawn at random."""

    model: RankModel
    evaluation: list[Row]
    taught: list[Retrieved]
    costs: CostsOfOthers | None = None
    """For the features of what taught, where that was judged searches."""


def train_day_zero(kind: QuestionKind, retrieved: Sequence[Retrieved], table: ProductTable) -> DayZero:
    """Train on catalog questions, split by question; no feature sees any behavior.

    Where the candidates of no question differ, as in a shop with as many categories as products, there is nothing to learn:
    the model says the same of all of them, so they stay in the order of retrieval.

    Raises:
        CatalogTooSmall: no question has any candidates.
    """
    nothing = BehaviorStats.empty(table)
    telling = with_answer(retrieved)
    usable = telling or [one for one in retrieved if len(one.rows)]
    if not usable:
        raise CatalogTooSmall(
            f"expected a catalog in which {'a text' if kind == 'text' else 'one product'} finds another, found none among "
            f"{len(table):,} products; import more products that are in stock, then build again"
        )
    first, second = max(1, int(TRAIN * len(usable))), max(1, int(VALIDATE * len(usable)))
    examples = featurize(kind, usable[:first], table, lambda _: nothing, without_dense=WITHOUT_DENSE)
    choosing = featurize(kind, usable[first:second], table, lambda _: nothing)
    settings = {} if telling else WHOLE
    model = train(examples, choosing, FAMILIES, most=MAX_TREES, settings=settings)
    if kind == "product":
        # Its grades are functions of its features, so a figure would only say that trees can be drawn around them.
        return DayZero(model, [], usable[:first])
    # All that was asked after those: what was not found counts as well.
    last = next(place for place, one in enumerate(retrieved) if one is usable[second - 1])
    held_out = retrieved[last + 1 :]
    features = featurize(kind, held_out, table, lambda _: nothing)
    systems = baselines(held_out, features)
    del systems["popularity"]  # nothing was bought yet
    systems["day-0 ranker"] = ranked(model, features)
    rows = compare(f"{kind}, catalog", held_out, systems, ours="day-0 ranker")
    return DayZero(model, rows, usable[:first])
