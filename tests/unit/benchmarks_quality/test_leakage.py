"""A shuffled future changes nothing, and a leak is found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("implicit")
pytest.importorskip("ir_measures")

from benchmarks.quality.data import canonical
from benchmarks.quality.judging import NDCG_10
from benchmarks.quality.leakage import Leak, leaks, with_shuffled_future
from benchmarks.quality.ours import Shelfwise
from benchmarks.quality.peers.als import Als
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.peers.cooccurrence import Cooccurrence
from benchmarks.quality.peers.ease import Ease
from benchmarks.quality.peers.item_knn import ItemKnn
from benchmarks.quality.peers.own_frequency import OwnFrequency
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.protocol import System
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.next_basket import Times, next_basket
from benchmarks.quality.tasks.rest_of_basket import rest_of_basket
from shelfwise_pipeline.encoder.build import build_fake_encoder
from tests.support.ranker import SMALL_PLAN
from tests.unit.benchmarks_quality.worlds import FROZEN_AT, lines, products


def _build(data: Dataset, frozen_at: timedelta = timedelta(0), *, new_only: bool = False) -> Task:
    """`frozen_at`: how much later than it says the task hides what happens."""
    return next_basket(data.lines, data.products, _times(frozen_at), {"ndcg@10": NDCG_10}, [], new_only=new_only)


def _times(late: timedelta = timedelta(0)) -> Times:
    return Times(FROZEN_AT - timedelta(days=60), FROZEN_AT - timedelta(days=30), FROZEN_AT + late)


def _systems(_: Task) -> Sequence[System]:
    return [
        Chance(), Popularity(30), OwnFrequency(60), ItemKnn("user_id"), Als(factors=8), Ease("user_id", penalty=5.0),
        Cooccurrence(weighted=True, half_life_days=120),
    ]  # fmt: skip


DATA = Dataset(products(), lines(), canonical.NO_JUDGEMENTS)


@pytest.mark.parametrize("new_only", [False, True])
def test_peers_do_not_use_the_future(new_only: bool) -> None:
    spec = TaskSpec("t", "t", "", lambda _: DATA, partial(_build, new_only=new_only), FROZEN_AT)
    assert leaks(spec, DATA, _systems) == []


def test_shelfwise_does_not_use_the_future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shop with enough purchases to train both models, and with views."""
    monkeypatch.setattr("benchmarks.quality.ours.CACHE", tmp_path)
    many = lines(users=160)
    looked = many.with_columns(type=pl.lit("view"), event_id=pl.format("look {}", "event_id"), product_id=pl.lit("rope0"))
    data = replace(DATA, lines=pl.concat([many, looked]).sort("timestamp", maintain_order=True))
    plan = replace(SMALL_PLAN, train=20, validate=20, test=20, windows=2, behavioral_held_out=60)
    tried: list[Shelfwise] = []

    def build(data: Dataset) -> Task:
        users, baskets = _build(data), rest_of_basket(data.lines, data.products, _times(), {"ndcg@10": NDCG_10}, [])
        return replace(users, questions=[*users.questions[:100], *baskets.questions[:100]])

    def systems(_: Task) -> Sequence[System]:
        tried.append(Shelfwise(build_fake_encoder, plan))
        return tried[-1:]

    assert leaks(TaskSpec("t", "t", "", lambda _: data, build, FROZEN_AT), data, systems) == []
    assert len(tried) == 2
    assert all({"user", "together"} <= one.opened.ranker.models.keys() for one in tried), "the events taught too little"


def test_a_task_that_hides_too_little_is_reported_as_a_leak() -> None:
    spec = TaskSpec("t", "t", "", lambda _: DATA, partial(_build, frozen_at=timedelta(days=14)), FROZEN_AT)
    found = leaks(spec, DATA, lambda _: [OwnFrequency()])
    assert Leak("what is known: events") in found
    assert any(leak.what == "the answer of own frequency" for leak in found)


def test_checking_a_task_without_a_time_raises_value_error() -> None:
    with pytest.raises(ValueError, match="knows no time"):
        leaks(TaskSpec("t", "t", "", lambda _: DATA, _build), DATA, lambda _: [])


def test_shuffling_changes_the_products_of_the_future_and_leaves_the_past() -> None:
    shuffled = with_shuffled_future(DATA, FROZEN_AT).lines
    past = pl.col("timestamp") < FROZEN_AT
    assert shuffled.filter(past).equals(DATA.lines.filter(past))
    before, after = DATA.lines.filter(~past), shuffled.filter(~past)
    assert before["product_id"].sort().equals(after["product_id"].sort())
    assert before.select("user_id", "session_id", "timestamp").equals(after.select("user_id", "session_id", "timestamp"))
    assert (before["product_id"] != after["product_id"]).mean() > 0.5  # type: ignore[operator]
