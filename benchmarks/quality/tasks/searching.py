"""What the text tasks have in common."""

import polars as pl

from benchmarks.quality.data.judged import with_part
from benchmarks.quality.judging import Gains
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
    """The gain 2^(relevance - 1) - 1, for a relevance of 1 or more."""
    return float(2.0 ** (relevance - 1.0) - 1.0)


def held_out(judgements: pl.DataFrame) -> dict[str, Gains]:
    """By held-out query, the gain of each judged product. Queries without a relevant product are left out."""
    rows = with_part(judgements).filter(pl.col("part") == "test").select("query", "product_id", "relevance")
    right: dict[str, dict[str, float]] = {}
    for query, product, relevance in rows.iter_rows():
        right.setdefault(query, {})[product] = gain(relevance)
    return {query: gains for query, gains in right.items() if max(gains.values()) > 0}
