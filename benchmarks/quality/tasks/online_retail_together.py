"""online-retail, bought together: the rest of an invoice from its first line."""

import polars as pl

from benchmarks.quality.data import online_retail
from benchmarks.quality.judging import HIT_10, NDCG_10
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.peers.cooccurrence import Cooccurrence
from benchmarks.quality.peers.ease import Ease
from benchmarks.quality.peers.item_knn import ItemKnn
from benchmarks.quality.peers.minilm import MiniLm
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.peers.rank_fusion import RankFusion
from benchmarks.quality.protocol import System
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.online_retail_for_you import TIMES
from benchmarks.quality.tasks.rest_of_basket import rest_of_basket

MEASURES = {"ndcg@10": NDCG_10, "hit@10": HIT_10}


def build(data: Dataset) -> Task:
    """A question for each invoice from the moment on, with its lines in their order."""
    known = data.lines.filter(pl.col("timestamp") < TIMES.frozen_at)
    return rest_of_basket(data.lines, online_retail.catalog(known), TIMES, MEASURES, peers())


def peers() -> list[System]:
    """Peers that learn from baskets."""
    recent, cosine = Cooccurrence(weighted=True, half_life_days=120), ItemKnn("session_id")
    ease, minilm = Ease("session_id", penalty=8000.0), MiniLm()
    return [
        Chance(), Popularity(30), Cooccurrence(weighted=False), Cooccurrence(weighted=True), recent, cosine, ease, minilm,
        RankFusion("co-occurrence, EASE, cosine", [recent, ease, cosine]),
    ]  # fmt: skip


SPEC = TaskSpec(
    "online-retail-together",
    "online-retail, bought together",
    "The same shop, everything from 2011-10-01 hidden. Asked with the first line of every later invoice: what else is on it?",
    online_retail.read,
    build,
    TIMES.frozen_at,
)
