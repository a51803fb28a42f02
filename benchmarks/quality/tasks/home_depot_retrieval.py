"""home-depot, retrieval: held-out queries against the whole catalog."""

from benchmarks.quality.data import home_depot
from benchmarks.quality.data.judged import for_learning
from benchmarks.quality.judging import NDCG_10, Against, Measure
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.searching import gain, held_out, peers

RELEVANT = 2.33
"""From this relevance on (one of three judges said "perfect", the others "partially"), a product should be found."""

MEASURES = {"ndcg@10": NDCG_10, "recall@100": Measure("R", 100, least_gain=gain(RELEVANT))}


def build(data: Dataset) -> Task:
    """The questions of the re-rank task, without its lists."""
    right = held_out(data.judgements)
    return Task(
        Known(data.products, judgements=for_learning(data.judgements)),
        [Question(query, text=query) for query in right],
        Against(right, MEASURES),
        peers(),
        depth=100,
    )


SPEC = TaskSpec(
    "home-depot-retrieval",
    "home-depot, retrieval over 54,667 titles",
    "The same held-out queries against the whole catalog. Only a quarter of what a system shows first was ever "
    "judged, and what was not judged counts as irrelevant: a guard against regressions more than a measure of "
    f"relevance. Recall is of products whose relevance is {RELEVANT} or more.",
    home_depot.read,
    build,
)
