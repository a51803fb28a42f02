"""The subject of a run: the public data sets, or the shop in the database."""

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
    """The tasks of a subject, and what the report says about them."""

    tasks: Sequence[TaskSpec]
    ours: Callable[..., System | None]
    """Returns Shelfwise for one of the tasks; takes `last` like `ours.ours`."""
    intro: str
    again: str
    """The command that repeats the run."""
    report: Path
    """The default file for the rows."""

    def chosen(self, names: Sequence[str]) -> list[TaskSpec]:
        """The tasks with these names; all tasks if `names` is empty.

        Raises:
            BenchmarkError: a name is not a task of this subject.
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
    """The shop that `shelfwise build` would build from. Only this function needs the database.

    Raises:
        DatabaseError: the database cannot be reached or migrated to this release.
        BenchmarkError: the database has no products in stock.
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
