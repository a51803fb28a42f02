"""Answers in the order of their questions, stored as they arrive, so that an interrupted run can be continued."""

import csv
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from shelfwise_pipeline.asking.questions import Question
from shelfwise_pipeline.asking.tally import Tally
from shelfwise_pipeline.errors import PipelineError

FLAT: Final = ("line", "user_id", "session_id", "asked", "scenario", "request_id", "rank", "product_id", "name", "score")
"""The columns of a CSV, which has a row for each product of each answer."""

SUFFIXES: Final = (".jsonl", ".csv")

BEGINNING: Final = b'{"line": '
"""The beginning of every line of `.part`."""


class AnswersUnwritable(PipelineError):
    """The answers cannot be stored where they should be."""


class Answers:
    """A context manager for the file at `path` (.jsonl or .csv), and `path`.part, which exists until all questions are
    answered.

    `.part` has a line for each question: {"line", "question", and "answer" or "error"}.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise AnswersUnwritable(f"expected a file of answers named …{' or …'.join(SUFFIXES)}, found {str(path)!r}")
        if path.exists():
            raise AnswersUnwritable(f"expected no file at {str(path)!r} yet, found one; remove it or name another")
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        self.tally = Tally()
        self._last: dict[str, Any] = {}
        try:
            self._file = self.part.open("a+b")
        except OSError as error:
            raise AnswersUnwritable(f"expected a file that can be written at {str(self.part)!r}, found: {error}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AnswersUnwritable(f"expected no other process to write {str(self.part)!r}, found: {error}") from error
        if not self._is_ours():
            self._file.close()
            raise AnswersUnwritable(
                f"expected an unfinished file of answers at {str(self.part)!r}, found something else; "
                "move it, or name another file"
            )
        self._read_on()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        if not self.tally.answered:  # nothing to continue
            self.part.unlink(missing_ok=True)

    def skip_kept(self, questions: Iterator[Question]) -> None:
        """Skip the questions that an earlier run has answers to.

        Raises:
            AnswersUnwritable: they are not the questions of that run.
        """
        if not self.tally.asked:
            return
        last = None
        for _ in range(self.tally.asked):
            last = next(questions, None)
        if last is None or _of(last) != {name: self._last[name] for name in ("line", "question")}:
            raise AnswersUnwritable(
                f"expected answers to these questions in {str(self.part)!r}, found answers to other questions; remove it"
            )

    def add(self, question: Question, said: dict[str, Any]) -> None:
        """Add the next answer: one with `items`, or an `error`."""
        line = {**_of(question), **({"error": said["error"]} if "error" in said else {"answer": said})}
        self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self.tally.count(line)

    def finish(self) -> None:
        """Complete the answers: the file gets its final name."""
        self._file.flush()
        if self.path.suffix.lower() == ".csv":
            flat = self.part.with_suffix(".flat")
            try:
                with flat.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, FLAT)
                    writer.writeheader()
                    for line in _lines(self.part):
                        writer.writerows(_flat(line))
                flat.replace(self.path)
            finally:
                flat.unlink(missing_ok=True)  # left over if the disk is full; the answers are still in `part`
            self.part.unlink()
        else:
            self.part.replace(self.path)

    def _is_ours(self) -> bool:
        """Whether the file is ours: browsers and other programs use this suffix for unfinished downloads, too."""
        self._file.seek(0)
        begins = self._file.read(len(BEGINNING))
        return begins == BEGINNING[: len(begins)]

    def _read_on(self) -> None:
        """Count an earlier run's answers, and remove a line that was cut off when it ended."""
        self._file.seek(0)
        end = 0
        for raw in self._file:
            if not raw.endswith(b"\n"):  # even if only the line end is missing, because the next line would be appended to it
                break
            try:
                self._last = json.loads(raw)
            except ValueError:
                break
            self.tally.count(self._last)
            end += len(raw)
        self._file.truncate(end)


def _of(question: Question) -> dict[str, Any]:
    return {"line": question.line, "question": question.asked}


def _lines(part: Path) -> Iterator[dict[str, Any]]:
    with part.open("rb") as file:
        yield from map(json.loads, file)


def _flat(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answer, question = line.get("answer"), line["question"]
    if answer is None:
        return
    asked = question.get("product_name") or question.get("product_id") or " ".join(question.get("cart") or ())
    same = {
        "line": line["line"],
        "user_id": question.get("user_id"),
        "session_id": question.get("session_id"),
        "asked": asked,
        "scenario": answer["scenario"],
        "request_id": answer["request_id"],
    }
    for item in answer["items"]:
        yield {**same, **{name: item[name] for name in ("rank", "product_id", "name", "score")}}
