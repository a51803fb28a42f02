"""The tasks for the shop in the database: those of the public sets, with its own data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from hashlib import blake2b

import polars as pl

from benchmarks.quality.data import shop
from benchmarks.quality.data.canonical import events
from benchmarks.quality.data.judged import HELD_OUT, for_learning
from benchmarks.quality.data.place import DataPlace, TooLittle
from benchmarks.quality.judging import NDCG_10, Against, Measure
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks import online_retail_for_you, online_retail_together, searching
from benchmarks.quality.tasks.next_basket import Times, next_basket
from benchmarks.quality.tasks.rest_of_basket import rest_of_basket
from shelfwise_pipeline.examples.split import lacking, split_times

FOR_YOU, FOR_YOU_NEW, TOGETHER, SEARCH = NAMES = ("shop-for-you", "shop-for-you-new", "shop-together", "shop-search")

LEAST = 30
"""The least number of questions: a mean of fewer says nothing about further ones."""

MOST = 1_000
"""The most questions: more take long and narrow the intervals only a little."""

SEARCH_MEASURES = {"ndcg@10": NDCG_10, "recall@100": Measure("R", 100)}


@dataclass(frozen=True, slots=True)
class _Behavior:
    """A task about what happened from the last of three moments on."""

    times: Times | None
    """None if there are too few events to split."""
    asked: str
    """What the task needs enough of, for the error message."""
    task: Callable[[Dataset, pl.DataFrame, Times], Task]
    """Makes the task from the data, the products known at the moment, and the times."""

    def build(self, data: Dataset) -> Task:
        """Raises TooLittle."""
        if self.times is None:
            raise TooLittle(lacking(data.lines))
        moment = self.times.frozen_at
        past = data.lines.filter(pl.col("timestamp") < moment)
        return _bounded(
            self.task(data, shop.catalog(data.products, past, moment), self.times), f"{self.asked} from {moment:%Y-%m-%d} on"
        )


def specs(data: Dataset) -> tuple[TaskSpec, ...]:
    """All tasks of this shop. The hidden part is the last part of its history, on which a build judges its models."""
    split = split_times(data.lines)
    times = None if split is None else Times(split.train_from, split.validate_from, split.test_from)
    frozen_at = None if times is None else times.frozen_at
    hidden = "The last part of the shop's history is hidden"
    if frozen_at is not None:
        hidden += f", from {frozen_at:%Y-%m-%d %H:%M} UTC on"

    def read(_: DataPlace) -> Dataset:
        return data

    buyers = "users who bought before and have a basket"
    return (
        TaskSpec(
            FOR_YOU,
            "Your shop, for you",
            f"{hidden}. Asked for users who bought before and after: what does the first basket after that moment hold?",
            read,
            _Behavior(times, buyers, partial(_next, new_only=False)).build,
            frozen_at,
        ),
        TaskSpec(
            FOR_YOU_NEW,
            "Your shop, for you, new products only",
            "The same baskets; only products that the user had never bought are asked for and may be answered.",
            read,
            _Behavior(times, f"{buyers} with anything new", partial(_next, new_only=True)).build,
            frozen_at,
        ),
        TaskSpec(
            TOGETHER,
            "Your shop, bought together",
            f"{hidden}. Asked with the first product of later baskets: what else do they hold?",
            read,
            _Behavior(times, "baskets of two known products or more", _rest).build,
            frozen_at,
        ),
        TaskSpec(
            SEARCH,
            "Your shop, search over the whole catalog",
            f"{HELD_OUT} % of the judged queries are held out by a hash of their words. Asked with such a query: which "
            "products, in which order? What was not judged counts as irrelevant. Gain 2^grade - 1; recall of grades above 0.",
            read,
            search,
        ),
    )


def search(data: Dataset) -> Task:
    """A question for each held-out query of the judgements. All events are known.

    Raises:
        TooLittle: too few queries are judged.
    """
    right = searching.held_out(data.judgements)
    split = split_times(data.lines)
    known = Known(
        data.products,
        events(data.lines),
        for_learning(data.judgements),
        moment=None if data.lines.is_empty() else data.lines["timestamp"][-1] + timedelta(microseconds=1),
        labels_from=split.train_from if split else None,
        validation_from=split.test_from if split else None,
    )
    task = Task(
        known, [Question(query, text=query) for query in right], Against(right, SEARCH_MEASURES), searching.peers(), depth=100
    )
    judged = data.judgements["query"].n_unique()
    return _bounded(task, f"judged queries held out with a relevant product ({HELD_OUT} % of {judged:,} are held out)")


def _next(data: Dataset, products: pl.DataFrame, times: Times, *, new_only: bool) -> Task:
    peers = online_retail_for_you.peers(new_only=new_only)
    return next_basket(data.lines, products, times, online_retail_for_you.MEASURES, peers, new_only=new_only)


def _rest(data: Dataset, products: pl.DataFrame, times: Times) -> Task:
    return rest_of_basket(data.lines, products, times, online_retail_together.MEASURES, online_retail_together.peers())


def _bounded(task: Task, of: str) -> Task:
    """The task with at most MOST of its questions, chosen by a hash of their ids.

    Raises:
        TooLittle: there are fewer than LEAST.
    """
    if len(task.questions) < LEAST:
        raise TooLittle(f"expected {LEAST} or more {of}, found {len(task.questions)}")
    by_lot = sorted(task.questions, key=lambda one: blake2b(one.id.encode(), digest_size=8).digest())
    chosen = {one.id for one in by_lot[:MOST]}
    return replace(task, questions=[one for one in task.questions if one.id in chosen])
