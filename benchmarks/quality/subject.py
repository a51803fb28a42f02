"""What a run is about: the public data sets, or the shop that is in the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.catalog import BenchmarkError
from benchmarks.places import REPORTS
from benchmarks.quality.bundle import ENCODER_CACHE, RealEncoder
from benchmarks.quality.data import shop
from benchmarks.quality.ours import ours
from benchmarks.quality.protocol import System
from benchmarks.quality.report.page import COMMAND, OF_PUBLIC_SETS, OF_THE_SHOP
from benchmarks.quality.task import TaskSpec
from benchmarks.quality.tasks import own_shop
from benchmarks.quality.tasks.registry import TASKS
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.prepare import database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings


@dataclass(frozen=True, slots=True)
class Subject:
    """Its tasks, and what the report says of them."""

    tasks: Sequence[TaskSpec]
    ours: Callable[..., System | None]
    """Shelfwise for a task of these; takes `last` as `ours.ours` does."""
    intro: str
    again: str
    """The command that measures it."""
    report: Path
    """Where its rows are written if nothing else is said."""

    def chosen(self, names: Sequence[str]) -> list[TaskSpec]:
        """The tasks of these names; all if there are none.

        Raises:
            BenchmarkError: one is no task of this subject.
        """
        own = [spec.name for spec in self.tasks]
        if strange := [name for name in names if name not in own]:
            raise BenchmarkError(
                f"expected tasks among {', '.join(own)}, found {', '.join(strange)}; tasks of the shop in the database need "
                "--shop, the others go without it"
            )
        return [spec for spec in self.tasks if not names or spec.name in names]


def of_public_sets() -> Subject:
    """The public data sets."""
    return Subject(TASKS, ours, OF_PUBLIC_SETS, COMMAND, REPORTS / "evaluation.json")


def of_the_shop(settings: PipelineSettings, steps: Steps) -> Subject:
    """The shop that `shelfwise build` would build from; the database is needed in here only.

    Raises:
        DatabaseError: it cannot be reached, or be brought to this release.
        BenchmarkError: it holds no products.
    """
    with database(settings, steps) as url, connect(url, autocommit=True) as connection:
        data = shop.read(connection, settings)
    if data.products.is_empty():
        raise BenchmarkError("expected products in stock in the database, found none; import some first (`shelfwise import`)")
    tasks = own_shop.specs(data)
    return Subject(
        tasks,
        partial(ours, tune=settings.tune_encoder, real=RealEncoder(settings.encoder, ENCODER_CACHE / "shop")),
        OF_THE_SHOP,
        f"{COMMAND} --shop",
        REPORTS / "evaluation-shop.json",
    )
