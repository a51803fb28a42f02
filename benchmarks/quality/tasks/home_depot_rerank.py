"""home-depot, re-rank: the judged products of a query, in the best order."""

import polars as pl

from benchmarks.quality.data import home_depot
from benchmarks.quality.judging import NDCG_10, Against, Gains
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.searching import gain, peers


def build(data: Dataset) -> Task:
    """A question for each held-out query."""
    right = held_out(data.judgements)
    return Task(
        Known(data.products, judgements=home_depot.for_learning(data.judgements)),
        [Question(query, text=query, candidates=tuple(gains)) for query, gains in right.items()],
        Against(right, {"ndcg@10": NDCG_10}),
        peers(),
        depth=max(len(gains) for gains in right.values()),
    )


def held_out(judgements: pl.DataFrame) -> dict[str, Gains]:
    """By held-out query what each judged product is worth; queries without a relevant product are left out."""
    rows = home_depot.with_part(judgements).filter(pl.col("part") == "test").select("query", "product_id", "relevance")
    right: dict[str, dict[str, float]] = {}
    for query, product, relevance in rows.iter_rows():
        right.setdefault(query, {})[product] = gain(relevance)
    return {query: gains for query, gains in right.items() if max(gains.values()) > 0}


SPEC = TaskSpec(
    "home-depot-rerank",
    "home-depot, re-rank judged lists",
    "A do-it-yourself shop's queries with graded titles, six for each query. 15 % of the queries are held out by a "
    "hash of their words. Asked with such a query and its judged titles: which order? Gain 2^(relevance - 1) - 1.",
    home_depot.read,
    build,
)
