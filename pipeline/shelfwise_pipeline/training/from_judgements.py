"""The text model of a shop with graded search results (judgements)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from shelfwise_pipeline.evaluation.evaluate import baselines, compare, ranked
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.featurizing import featurize, joined, telling, thinned
from shelfwise_pipeline.examples.retrieving import Retrieved
from shelfwise_pipeline.training.costs_of_others import CostsOfOthers
from shelfwise_pipeline.training.judged_examples import JudgedExamples
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.train import train
from shelfwise_pipeline.training.word_costs import learn_word_costs
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable

FAMILIES = frozenset({"sources", "text", "shape", "likeness", "category"})
"""Judges graded words and meaning, mostly without seeing a price. Any relation of their grades to popularity would be
chance."""

CATALOG_PART = 0.15
"""Catalog questions added per judged query. They preserve what judged queries rarely teach: typos and kinds of products."""

WRONG = 150
"""How many of a search's wrong candidates, drawn at random, are used for training. All of them take twice the time and order no
better."""

WITHOUT_DENSE = 0.05
MAX_TREES = 180

MOST_OF_LISTS = 400


@dataclass(frozen=True)
class FromJudgements:
    """The models for a search and for a caller's own list, the product table with the word costs that they need, and their
    evaluation on the queries that chose their number of trees."""

    model: RankModel
    listed: RankModel
    table: ProductTable
    costs: CostsOfOthers
    """For another training on the same queries."""
    evaluation: list[Row]


def train_from_judgements(
    judged: JudgedExamples, catalog: Sequence[Retrieved], table: ProductTable, day_zero: RankModel, plan: Plan
) -> FromJudgements:
    """Train a model on judged lists and searches together, with some `catalog` questions, and one on the lists alone. No
    feature sees any behavior. The evaluated models were not trained on the queries that judge them; the returned ones were
    trained again, with the same number of trees, on these queries as well."""
    nothing = BehaviorStats.empty(table)
    also = catalog[: int(CATALOG_PART * len(judged.teaching_lists))]
    searches = [*judged.teaching_searches, *also]
    costs = CostsOfOthers.learned(judged.teaching_lists, table)
    lists = costs.featurize(judged.teaching_lists, lambda _: nothing)
    found = costs.featurize(searches, lambda _: nothing, without_dense=WITHOUT_DENSE, seed=plan.seed)
    found = thinned(found, WRONG, plan.seed)
    table = replace(table, word_costs=learn_word_costs(judged.teaching_lists, table))
    choosing_lists = featurize("text", judged.choosing_lists, table, lambda _: nothing)
    choosing_searches = featurize("text", judged.choosing_searches, table, lambda _: nothing)
    telling_lists, telling_searches = telling(choosing_lists), telling(choosing_searches)
    chosen = partial(train, families=FAMILIES, most=MAX_TREES, settings=plan.judged_settings)
    model = chosen(joined([lists, found]), telling_searches)
    listed = train(lists, telling_lists, FAMILIES, most=MOST_OF_LISTS, settings=plan.listed_settings)
    rows: list[Row] = []
    for task, own, asked, features in (
        ("judged lists", listed, judged.choosing_lists, choosing_lists),
        ("judged searches", model, judged.choosing_searches, choosing_searches),
    ):
        systems = baselines(asked, features)
        del systems["popularity"]
        systems["day-0 ranker"] = ranked(day_zero, features)
        systems["ranker"] = ranked(own, features)
        rows += compare(f"text, {task}", asked, systems, ours="ranker")
    # The queries that chose the number of trees are used for training, too.
    again = partial(train, validation=None, families=FAMILIES, settings=plan.judged_settings)
    chose = thinned(telling_searches, WRONG, plan.seed)
    model = again(joined([lists, found, telling_lists, chose]), exactly=model.trees)
    both = joined([lists, telling_lists])
    listed = train(both, None, FAMILIES, exactly=listed.trees, settings=plan.listed_settings)
    return FromJudgements(model, listed, table, costs, rows)
