"""Reports the results of a run: tables for people, JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.figures import range_of_ratios, ratio_of_medians
from benchmarks.serving.memory import MEANING, Measure
from benchmarks.serving.rounds import Sequential, Series


def comparisons(series: Sequence[Series], ours: str = "shelfwise", theirs: str = "monolith") -> list[dict[str, Any]]:
    """For each number of clients, the ratio of our median requests per second to theirs, and its range over the rounds."""
    found = {(one.system, one.clients): one.values("requests_per_s") for one in series}
    return [
        {
            "clients": clients,
            "ratio": ratio_of_medians(found[ours, clients], found[theirs, clients]),
            "range": range_of_ratios(found[ours, clients], found[theirs, clients]),
        }
        for clients in sorted({one.clients for one in series})
        if (ours, clients) in found and (theirs, clients) in found
    ]


def show(
    console: Console,
    series: Sequence[Series],
    sequential: Sequence[Sequential],
    memory_mb: dict[str, float],
    counted: Measure,
) -> None:
    if series:
        console.print(_throughput(series))
    for one in comparisons(series):
        low, high = one["range"]
        console.print(
            f"{one['clients']:>2} clients: shelfwise answers [bold]{one['ratio']:.2f} times[/] the monolith's requests "
            f"(rounds {low:.2f} to {high:.2f})"
        )
    if sequential:
        console.print(_sequential(sequential))
    sizes = ", ".join(f"{name} {size:.0f} MB" for name, size in memory_mb.items() if size)
    console.print(f"memory ({counted}, {MEANING[counted]}): {sizes}")
    for name, problems in errors_of(series, sequential).items():
        for problem, count in problems.items():
            console.print(f"[bold red]{name}: {count} × {problem}[/]", highlight=False)


def write(path: Path, series: Sequence[Series], sequential: Sequence[Sequential], facts: dict[str, Any]) -> None:
    content = {
        **facts,
        # asdict cannot copy a Counter (the copy counts its items). Errors are reported below.
        "series": [
            {**vars(one), "rounds": [asdict(each) for each in one.rounds], "errors": dict(one.errors)} for one in series
        ],
        "comparisons": comparisons(series),
        "sequential": [asdict(one) for one in sequential],
        "errors": errors_of(series, sequential),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def errors_of(series: Sequence[Series], sequential: Sequence[Sequential]) -> dict[str, dict[str, int]]:
    """By system: how often each error occurred. Empty if there was none."""
    total: dict[str, dict[str, int]] = {}
    every: list[Series | Sequential] = [*series, *sequential]
    for one in every:
        for problem, count in one.errors.items():
            mine = total.setdefault(one.system, {})
            mine[problem] = mine.get(problem, 0) + count
    return total


def _throughput(series: Sequence[Series]) -> Table:
    table = Table(title="Closed loop, medians of the rounds", title_justify="left")
    table.add_column("clients", justify="right")
    table.add_column("system")
    for heading in ("requests/s", "p50 ms", "p99 ms", "server CPU\nms/request", "client CPU\nµs/request", "errors"):
        table.add_column(heading, justify="right")
    for one in series:
        table.add_row(
            str(one.clients),
            one.system,
            f"{one.middle('requests_per_s'):.1f}",
            f"{one.middle('p50_ms'):.1f}",
            f"{one.middle('p99_ms'):.1f}",
            f"{one.middle('server_cpu_ms'):.2f}" if one.middle("server_cpu_ms") else "–",
            f"{one.middle('client_cpu_us'):.0f}",
            str(one.errors.total()),
        )
    return table


def _sequential(sequential: Sequence[Sequential]) -> Table:
    table = Table(title="One question after another, medians", title_justify="left")
    table.add_column("system")
    for heading in ("questions", "wall clock ms", "timings_ms.total", "errors"):
        table.add_column(heading, justify="right")
    for one in sequential:
        reported = "–" if one.reported_p50_ms is None else f"{one.reported_p50_ms:.2f}"
        table.add_row(one.system, str(one.questions), f"{one.wall_p50_ms:.2f}", reported, str(sum(one.errors.values())))
    return table
