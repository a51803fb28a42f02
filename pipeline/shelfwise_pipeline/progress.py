"""Progress of long work: bars on a terminal, one line per step elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

Advance = Callable[[int, int | None], None]
"""Called with the amount done and, if known, the total."""


class Steps:
    """Shows one step after the other; `with steps.step("embedding texts") as advance: …`."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Advance]:
        """Show one step. When it ends, its time stays on the screen."""
        started = time.monotonic()
        if self.console.is_terminal:
            with self._bar() as bar:
                task = bar.add_task(title, total=None)
                yield lambda done, total: bar.update(task, completed=done, total=total)
                self._complete(bar, task)
        else:
            yield lambda done, total: None
            self.console.print(f"{title}: {time.monotonic() - started:.1f} s")

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        )

    @staticmethod
    def _complete(bar: Progress, task: TaskID) -> None:
        total = bar.tasks[task].total
        bar.update(task, completed=total if total is not None else 1, total=total if total is not None else 1)
