"""The peers of both grocery tasks, where households mostly buy the same products again."""

from benchmarks.quality.judging import NDCG_10, RECALL_10
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

MEASURES = {"recall@10": RECALL_10, "ndcg@10": NDCG_10}


def peers() -> list[System]:
    """Every kind of peer that answers questions about a user."""
    month, own = Popularity(30), OwnFrequency()
    als, ease = Als(), Ease("user_id", penalty=200.0)
    return [
        Chance(), month, Popularity(14), own, OwnFrequency(60), ItemKnn("user_id"), als, ease,
        Cooccurrence(weighted=True, half_life_days=120), MiniLm(),
        RankFusion("own frequency, EASE, ALS, popularity", [own, ease, als, month]),
    ]  # fmt: skip
