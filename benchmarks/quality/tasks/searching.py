"""What the text tasks share."""

from benchmarks.quality.peers.bm25 import Bm25
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.peers.char_ngrams import CharNgrams
from benchmarks.quality.peers.minilm import MiniLm
from benchmarks.quality.peers.rank_fusion import RankFusion
from benchmarks.quality.protocol import System


def peers() -> list[System]:
    """Every peer that answers a text."""
    bm25, minilm, ngrams = Bm25(), MiniLm(), CharNgrams()
    return [
        Chance(), bm25, minilm, ngrams, RankFusion("BM25, MiniLM", [bm25, minilm]),
        RankFusion("BM25, MiniLM, character n-grams", [bm25, minilm, ngrams]),
    ]  # fmt: skip


def gain(relevance: float) -> float:
    """2^(relevance - 1) - 1, of a relevance from 1 to 3."""
    return float(2.0 ** (relevance - 1.0) - 1.0)
