"""home-depot, re-rank: the judged products of a query, in the best order."""

from benchmarks.quality.data import home_depot
from benchmarks.quality.data.judged import for_learning
from benchmarks.quality.judging import NDCG_10, Against
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.searching import held_out, peers


def build(data: Dataset) -> Task:
    """A question for each held-out query."""
    right = held_out(data.judgements)
    return Task(
        Known(data.products, judgements=for_learning(data.judgements)),
        [Question(query, text=query, candidates=tuple(gains)) for query, gains in right.items()],
        Against(right, {"ndcg@10": NDCG_10}),
        peers(),
        depth=max(len(gains) for gains in right.values()),
    )


SPEC = TaskSpec(
    "home-depot-rerank",
    "home-depot, re-rank judged lists",
    "A do-it-yourself shop's queries with graded titles, six for each query. 15 % of the queries are held out by a "
    "hash of their words. Asked with such a query and its judged titles: which order? Gain 2^(relevance - 1) - 1.",
    home_depot.read,
    build,
)
