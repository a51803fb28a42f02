"""home-depot, one typo: does the misspelt query find the same products as the well-spelt one?"""

import random
from collections.abc import Iterable

import polars as pl

from benchmarks.quality.data import home_depot
from benchmarks.quality.data.judged import for_learning, with_part
from benchmarks.quality.judging import SameAnswer
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.searching import peers
from benchmarks.quality.tasks.typos import misspelt, words

QUERIES = 200
SEED = 20_111_001


def build(data: Dataset) -> Task:
    """Pairs of questions for 200 held-out queries. Each word of such a query is in a title."""
    vocabulary = {word for title in data.products["title"] for word in words(title)}
    held_out = with_part(data.judgements).filter(pl.col("part") == "test")["query"].unique(maintain_order=True)
    pairs = misspelt_queries(held_out, vocabulary)
    questions = [Question(f"clean {clean}", text=clean) for clean, _ in pairs]
    questions += [Question(f"typo {clean}", text=changed) for clean, changed in pairs]
    return Task(
        Known(data.products, judgements=for_learning(data.judgements)),
        questions,
        SameAnswer({f"typo {clean}": f"clean {clean}" for clean, _ in pairs}),
        peers(),
        depth=10,
    )


def misspelt_queries(
    queries: Iterable[str], vocabulary: set[str], count: int = QUERIES, seed: int = SEED
) -> list[tuple[str, str]]:
    """(query, the same with one typo) for `count` well-spelt queries, drawn with a seed."""
    draw = random.Random(seed)
    well_spelt = sorted({query for query in queries if words(query) and vocabulary.issuperset(words(query))})
    draw.shuffle(well_spelt)
    pairs = ((query, misspelt(query, vocabulary, draw)) for query in well_spelt)
    return [(query, changed) for query, changed in pairs if changed is not None][:count]


SPEC = TaskSpec(
    "home-depot-typo",
    "home-depot, one typo",
    "200 held-out queries, each once as it is and once with one letter of one word dropped, doubled, swapped with "
    "its neighbor or replaced by a neighbor on the keyboard, so that the word is no longer one of the catalog's. "
    "How many of the ten products shown for the query are shown for its misspelt twin, too?",
    home_depot.read,
    build,
)
