"""myntra-fashion: questions with a filter that keeps about one product of a hundred."""

import random

import polars as pl

from benchmarks.quality.data import myntra
from benchmarks.quality.judging import FullLists
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from shelfwise.contracts.filter import Filter

QUESTIONS = 200
LEAST, MOST = 0.005, 0.015
"""The share of all products that a filter keeps."""
SEED = 20_161_101


def build(data: Dataset) -> Task:
    """Questions whose text has nothing to do with their filter: the filter mostly excludes what the text asks for."""
    members = data.products.select("product_id", pl.col("category").list.last()).group_by("category").agg("product_id")
    share = pl.col("product_id").list.len() / data.products.height
    narrow = members.filter(share.is_between(LEAST, MOST)).sort("category").rows()
    draw = random.Random(SEED)
    titles = data.products["title"].to_list()
    asked = [(f"{number}", draw.choice(titles), *draw.choice(narrow)) for number in range(QUESTIONS)]
    return Task(
        Known(data.products),
        [Question(number, text=title, filter=Filter(category=[category])) for number, title, category, _ in asked],
        FullLists({number: frozenset(kept) for number, _, _, kept in asked}, depth=10),
        [],
        depth=10,
    )


SPEC = TaskSpec(
    "myntra-filter",
    "myntra-fashion, a filter that keeps 1 %",
    "Titles as queries, each with a filter on a category that holds 0.5 to 1.5 % of the catalog and mostly has "
    "nothing to do with the query. How many answers are full, with nothing but what the filter lets through? Only Shelfwise is "
    "asked: for the peers a filter is a matter of how they are called.",
    myntra.read,
    build,
)
