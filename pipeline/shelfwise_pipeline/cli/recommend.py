"""`shelfwise recommend`: answers to a file of questions, as for a newsletter."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from shelfwise.contracts.recommend import MAX_TOP_K
from shelfwise_pipeline.api_key import headers
from shelfwise_pipeline.asking.answers import Answers
from shelfwise_pipeline.asking.asking import ask_all
from shelfwise_pipeline.asking.gateway import Gateway
from shelfwise_pipeline.asking.questions import Question, read_questions
from shelfwise_pipeline.asking.tally import Tally
from shelfwise_pipeline.importing.files import on_this_disk
from shelfwise_pipeline.progress import Advance, Steps

SOME_REFUSED = 1


def _address(written: str) -> str:
    """A question to another kind of address is never sent, and would be asked again for a minute."""
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise typer.BadParameter(f"expected an address such as http://127.0.0.1:8000, found {written!r}", param_hint="--url")
    return written


def recommend(
    questions: Annotated[
        str,
        typer.Argument(
            help="File of requests: JSON Lines with what POST /recommend takes, or CSV or Parquet with columns named like its "
            "fields, such as user_id. Also gzipped. A path or an s3://… URL."
        ),
    ],
    answers: Annotated[Path, typer.Argument(help="A new file: .jsonl, or .csv with a row for each product.")],
    url: Annotated[str, typer.Option(help="URL of the gateway.", callback=_address)] = "http://127.0.0.1:8000",
    scenario: Annotated[str | None, typer.Option(help="Scenario for requests that name none.")] = None,
    top_k: Annotated[
        int | None, typer.Option(min=1, max=MAX_TOP_K, help="Number of products for requests that do not set it.")
    ] = None,
    in_flight: Annotated[
        int,
        typer.Option(min=1, max=128, help="Number of requests at the same time. More is faster, but leaves less for shoppers."),
    ] = 4,
) -> None:
    """Send many requests to a running gateway, as for a newsletter. If it ends halfway, run the same command again:
    it continues where it stopped.

    If SHELFWISE_API_KEYS is set, its first key is sent. Exit code 1: some request got no answer.
    """
    console = Console(highlight=False)
    defaults = {name: value for name, value in (("scenario", scenario), ("top_k", top_k)) if value is not None}
    with on_this_disk([questions]) as (path,), Answers(answers) as kept, Steps(console).step("asking") as advance:
        asyncio.run(_ask(url, read_questions(path, defaults), kept, in_flight, advance))
        kept.finish()
    _tell(kept.tally, answers, console)
    if kept.tally.refused:
        raise typer.Exit(SOME_REFUSED)


async def _ask(url: str, questions: Iterator[Question], answers: Answers, in_flight: int, advance: Advance) -> None:
    limits = httpx.Limits(max_connections=in_flight)
    async with httpx.AsyncClient(base_url=url, headers=headers(), limits=limits) as client:
        await ask_all(questions, answers, Gateway(client), in_flight=in_flight, advance=advance)


def _tell(tally: Tally, answers: Path, console: Console) -> None:
    console.print(f"{tally.answered:,} questions answered, written to {answers}", markup=False, soft_wrap=True)
    if tally.empty:
        console.print(f"[yellow]{tally.empty:,} answers have no product; their `why_fewer` says why[/]", soft_wrap=True)
    for step, times in tally.degraded.items():
        console.print(f"[yellow]{times:,} answers are degraded: {step} (see docs/scenarios.md)[/]", soft_wrap=True)
    if tally.refused:
        problems = Console(stderr=True, highlight=False, style="red")
        problems.print(f"shelfwise: {tally.refused:,} questions got an error, for example", soft_wrap=True)
        for example in tally.examples:
            problems.print(example, markup=False, soft_wrap=True)
