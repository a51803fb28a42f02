"""online-retail, for you: the first invoice after 2011-10-01."""

from functools import partial

from benchmarks.quality.data import online_retail
from benchmarks.quality.judging import HIT_10, NDCG_10, RECALL_10
from benchmarks.quality.peers.als import Als
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.peers.cooccurrence import Cooccurrence
from benchmarks.quality.peers.ease import Ease
from benchmarks.quality.peers.item_knn import ItemKnn
from benchmarks.quality.peers.minilm import MiniLm
from benchmarks.quality.peers.own_frequency import OwnFrequency
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.peers.rank_fusion import RankFusion
from benchmarks.quality.protocol import System
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.moments import utc
from benchmarks.quality.tasks.next_basket import Times, next_basket

TIMES = Times(labels_from=utc(2011, 7, 1), validation_from=utc(2011, 9, 1), frozen_at=utc(2011, 10, 1))

MEASURES = {"ndcg@10": NDCG_10, "recall@10": RECALL_10, "hit@10": HIT_10}


def build(data: Dataset, *, new_only: bool) -> Task:
    """The task for the invoices of `online_retail.read`."""
    known = data.lines.filter(data.lines["timestamp"] < TIMES.frozen_at)
    return next_basket(data.lines, online_retail.catalog(known), TIMES, MEASURES, peers(new_only=new_only), new_only=new_only)


def peers(*, new_only: bool) -> list[System]:
    """The peers. Own frequency cannot rank products that are new to a customer."""
    # For new products, many neighbors are noise. A product that is bought again is its own nearest neighbor.
    neighbors = 20 if new_only else 1000
    month, knn = Popularity(30), ItemKnn("user_id", neighbors=neighbors)
    recent = ItemKnn("session_id", 120, neighbors=neighbors)
    als, ease = Als(), Ease("user_id", penalty=200.0)
    own = OwnFrequency()
    single: list[System] = [
        Chance(), month, Popularity(14), knn, recent, als, ease,
        Cooccurrence(weighted=True, half_life_days=120), MiniLm(),
    ]  # fmt: skip
    if new_only:
        return [*single, RankFusion("EASE, ALS, item kNN, popularity", [ease, als, recent, month])]
    fusion = RankFusion("own frequency, EASE, ALS, popularity", [own, ease, als, month])
    return [*single, own, OwnFrequency(60), fusion]


ALL = TaskSpec(
    "online-retail-for-you",
    "online-retail, for you",
    "A UK gift shop's invoices, everything from 2011-10-01 hidden. Asked for every customer with a past: what does the first "
    "invoice after that day hold?",
    online_retail.read,
    partial(build, new_only=False),
    TIMES.frozen_at,
)

NEW = TaskSpec(
    "online-retail-for-you-new",
    "online-retail, for you, new products only",
    "The same invoices; only products that the customer had never bought are asked for and may be answered.",
    online_retail.read,
    partial(build, new_only=True),
    TIMES.frozen_at,
)
