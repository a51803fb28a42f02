"""`shelfwise run`: the whole shop on one machine, from nothing to the first answer."""

import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from rich.console import Console

from shelfwise_pipeline.database import EmbeddedPostgres, connect
from shelfwise_pipeline.demo.importing import synonyms_of
from shelfwise_pipeline.launcher import example
from shelfwise_pipeline.launcher.plan import Replica, environment_of, replicas_of
from shelfwise_pipeline.launcher.ports import require_free
from shelfwise_pipeline.launcher.processes import Child
from shelfwise_pipeline.launcher.ready import wait_until_ready
from shelfwise_pipeline.prepare import prepared_database
from shelfwise_pipeline.progress import Advance, Steps
from shelfwise_pipeline.settings import PipelineSettings

READY_TIMEOUT_S = 120
WATCH_S = 0.5


def run(settings: PipelineSettings, *, port: int, replicas: int, console: Console) -> None:
    """Import and build what is missing, start every service, show the first answer, watch until Ctrl-C, SIGTERM or SIGHUP.

    Raises:
        NoSuchPort, PortTaken, DatabaseError, ChildFailed
    """
    plan = replicas_of(port, replicas)
    require_free(plan)
    steps = Steps(console)
    stop = _StopSignal()
    own_database = None if settings.database_url else EmbeddedPostgres(settings.var / "postgres")
    with prepared_database(settings, steps) as database_url:
        with connect(database_url) as connection:
            synonyms = synonyms_of(connection)
        children = [_child(replica, plan, settings, database_url, synonyms) for replica in plan]
        try:
            with steps.step("starting the services") as advance:
                _start(children, advance)
            _greet(plan[-1].url, console)
            stop.armed = True
            while not stop.received:
                _watch(own_database, children, console)
                time.sleep(WATCH_S)
        except KeyboardInterrupt:
            pass
        finally:
            stop.armed = True  # a second signal would leave services running that end slowly
            with suppress(OSError):  # a terminal that is gone must not keep the services running
                console.print("\nstopping the services …")
            _end(children)
    with suppress(OSError):
        console.print("everything has stopped")


class _StopSignal:
    """Once armed, SIGTERM, Ctrl-C and the terminal's end (SIGHUP, unless ignored, as by nohup) end the watching between two
    checks. Before that they interrupt, so a long build ends at once; afterwards they have no effect."""

    def __init__(self) -> None:
        self.received = False
        self.armed = False
        signal.signal(signal.SIGTERM, self._receive)
        signal.signal(signal.SIGINT, self._receive)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._receive)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if not self.armed:
            raise KeyboardInterrupt
        self.received = True


def _child(
    replica: Replica, plan: list[Replica], settings: PipelineSettings, database_url: str, synonyms: Path | None
) -> Child:
    environment = environment_of(replica, plan, bundles=settings.bundles, database_url=database_url, synonyms=synonyms)
    return Child(replica, environment, Path(settings.var) / "log" / f"{replica.name}.log")


def _start(children: list[Child], advance: Advance) -> None:
    """Start the services, the gateway last, because its first answers would be degraded otherwise.

    The ports are checked again: a shop may have been built since the first check, and another program that answers there now
    would pass for ours.
    """
    require_free([child.replica for child in children])
    *behind, gateway = children
    for child in behind:
        child.start()
    wait_until_ready(behind, READY_TIMEOUT_S, lambda ready, _: advance(ready, len(children)))
    gateway.start()
    wait_until_ready([gateway], READY_TIMEOUT_S, lambda ready, _: advance(len(behind) + ready, len(children)))


def _watch(own_database: EmbeddedPostgres | None, children: list[Child], console: Console) -> None:
    if own_database is not None and not own_database.listens():
        own_database.revive()
        console.print(f"[yellow]PostgreSQL had ended and was started again. Its log: {own_database.log_file}[/]")
    for child in children:
        if child.ended is not None:
            console.print(f"[yellow]{child.revive()}[/]")
        child.keep_log_small()


def _end(children: list[Child]) -> None:
    for child in reversed(children):
        child.terminate()
    for child in children:
        child.wait()


def _greet(url: str, console: Console) -> None:
    console.print(
        f"\n[bold green]Shelfwise answers at {url}[/]   (page: {url}/   API: {url}/docs   stop: Ctrl-C)\n", soft_wrap=True
    )
    console.print(example.curl(url), style="cyan", markup=False, soft_wrap=True)  # a wrapped command breaks when pasted
    try:
        answer = example.ask(url)
    except example.Unanswered as problem:  # the services run all the same, and their logs tell more
        console.print(f"  {problem}\n", style="yellow", markup=False, soft_wrap=True)
        return
    for item in answer["items"]:
        price = f"  {item['price']:.2f} {item.get('currency', '')}" if item.get("price") is not None else ""
        console.print(f"  {item['rank']}. {item['name']}{price}", markup=False)
    total = answer["timings_ms"]["total"]
    console.print(f"  bundle {answer['bundle']}, {total:.1f} ms\n", style="dim")
