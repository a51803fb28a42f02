"""Reads questions from a file: JSON Lines as POST /recommend accepts them, or a table with a column for each field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.validation import sentence
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.importing.columns import LINE
from shelfwise_pipeline.importing.files import FileOptions, SourceFile
from shelfwise_pipeline.importing.files.detecting import BROKEN, first_bytes, format_of, open_bytes

COLUMNS: Final = ("user_id", "session_id", "product_name", "product_id", "scenario", "top_k")
"""The fields that a table may have. Carts and filters require JSON Lines."""

CHUNK_ROWS: Final = 5_000


class QuestionsUnreadable(PipelineError):
    """The file has no questions; the message tells what it has."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the file. `asked` is the body of the request, with the defaults; empty if `problem` describes an error."""

    line: int
    asked: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None


def read_questions(path: Path, defaults: Mapping[str, Any]) -> Iterator[Question]:
    """Yield each question of the file, in its order. `defaults` apply to fields that it does not have. Blank lines are skipped.

    Raises:
        QuestionsUnreadable: a table without any of the COLUMNS.
        FileUnreadable: the file does not exist, or is not CSV, Parquet or JSON Lines.
    """
    kind = format_of(path, first_bytes(path))
    rows = _lines(path) if kind == "jsonl" else _rows(SourceFile.open(path, FileOptions(format=kind)))
    for line, said in rows:
        yield said if isinstance(said, Question) else _question(line, {**defaults, **said})


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | Question]]:
    with open_bytes(path) as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _parsed(number, line)
        except BROKEN as error:
            raise QuestionsUnreadable(f"expected {str(path)!r} to be complete, found: {error}; copy it again") from error


def _parsed(number: int, line: bytes) -> dict[str, Any] | Question:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Question(number, problem=f"expected a JSON object, found: {error}")
    return said if isinstance(said, dict) else Question(number, problem=f"expected a JSON object, found {said!r:.80}")


def _rows(file: SourceFile) -> Iterator[tuple[int, dict[str, Any] | Question]]:
    known: list[str] = [name for name in COLUMNS if name in file.columns]
    if not known:
        raise QuestionsUnreadable(
            f"expected one of the columns {', '.join(COLUMNS)} in {str(file.path)!r}, found {', '.join(file.columns)}; "
            "rename the column that has each line's shopper, product or text"
        )
    for chunk in file.chunks(CHUNK_ROWS, known):
        rows: list[tuple[int, dict[str, Any] | Question]] = [
            (problem.line, Question(problem.line, problem=f"expected a row, found one with {problem.reason}"))
            for problem in chunk.problems
            if problem.action == "refused"
        ]
        for line, *values in chunk.frame.select(LINE, *known).iter_rows():
            said = {name: value.strip() for name, value in zip(known, values, strict=True) if value and value.strip()}
            rows.append((line, said))
        yield from sorted(rows, key=itemgetter(0))


def _question(line: int, said: dict[str, Any]) -> Question:
    try:
        asked = RecommendRequest.model_validate(said)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        return Question(line, problem="; ".join(sentence(problem, RecommendRequest) for problem in problems))
    return Question(line, asked.model_dump(mode="json", exclude_unset=True))
