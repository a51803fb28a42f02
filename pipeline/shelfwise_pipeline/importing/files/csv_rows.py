"""CSV as chunks of rows, with real line numbers and without losing rows to a neighbor's broken quotes.

Uses Python's csv reader, because it knows the line on which each row ends, even if fields contain line breaks.
"""

import csv
from collections import deque
from collections.abc import Iterator

from shelfwise_pipeline.importing.files.rows import CHUNK_ROWS, RawChunk, RowProblem, chunk_of

FIELDS = "row_fields", "not as many fields as the header has columns"
QUOTES = "row_quotes", "unbalanced quotes; read as plain characters"
LATIN = "row_latin1", "not UTF-8; read as Latin-1"


class Lines:
    """The file's lines as input of csv.reader. Remembers the lines of the current row, so that they can be read again."""

    def __init__(self, decoded: Iterator[tuple[str, bool]]) -> None:
        self._decoded = decoded
        self._waiting: deque[tuple[str, bool]] = deque()
        self._row: list[tuple[str, bool]] = []
        self.number = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._decoded)
        self._row.append(line)
        self.number += 1
        return line[0]

    def take_row(self) -> tuple[int, list[str], bool]:
        """Return the current row's first line number, its lines, and whether one of them is Latin-1."""
        lines, self._row = self._row, []
        return self.number - len(lines) + 1, [text for text, _ in lines], any(is_latin for _, is_latin in lines)

    def give_back(self, row: list[str], latin: bool) -> None:
        """Return all lines of the row just taken, except its first, to be read again."""
        self._waiting.extendleft((text, latin) for text in reversed(row[1:]))
        self.number -= len(row) - 1


def csv_chunks(
    decoded: Iterator[tuple[str, bool]], delimiter: str, columns: list[str], *, has_header: bool, rows: int = CHUNK_ROWS
) -> Iterator[RawChunk]:
    """Yield the rows in chunks of `rows`. Blank lines are skipped; rows of another width than `columns` become problems."""
    lines = Lines(decoded)
    if has_header:
        header_of(lines, delimiter)
    reader = _reader(lines, delimiter)
    values: list[list[str | None]] = []
    numbers: list[int] = []
    problems: list[RowProblem] = []
    while (row := _next_row(reader)) is not None:
        first, texts, is_latin = lines.take_row()
        if not row and not "".join(texts).strip():
            continue
        if len(row) != len(columns):
            if len(texts) > 1:  # an unclosed quote swallows the rows below it
                lines.give_back(texts, is_latin)
            row = _without_quoting(texts[0], delimiter)
            fits = '"' in texts[0] and len(row) == len(columns)
            rule, reason = QUOTES if fits else FIELDS
            problems.append(RowProblem(first, rule, "mended" if fits else "refused", reason, texts[0].rstrip()))
        if len(row) == len(columns):
            if is_latin:
                problems.append(RowProblem(first, LATIN[0], "mended", LATIN[1], texts[0].rstrip()))
            values.append([field or None for field in row])
            numbers.append(first)
        if len(values) + len(problems) >= rows:
            yield chunk_of(columns, values, numbers, problems)
            values, numbers, problems = [], [], []
    if values or problems:
        yield chunk_of(columns, values, numbers, problems)


def header_of(lines: Lines, delimiter: str) -> list[str]:
    """Return the first row's fields, as plain characters if its quotes do not pair up; none if there is no first row."""
    row = _next_row(_reader(lines, delimiter))
    _, texts, is_latin = lines.take_row()
    if row or not "".join(texts).strip():
        return row or []
    lines.give_back(texts, is_latin)
    return _without_quoting(texts[0], delimiter)


def _reader(lines: Lines, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)  # otherwise an open quote may end at the next row's first one


def _without_quoting(line: str, delimiter: str) -> list[str]:
    """Split the line at every delimiter and remove a pair of quotes around a whole field."""
    fields = line.rstrip("\r\n").split(delimiter)
    return [field[1:-1] if len(field) > 1 and field[0] == field[-1] == '"' else field for field in fields]


def _next_row(reader: Iterator[list[str]]) -> list[str] | None:
    """Return the next row: an empty one if the reader fails (unpaired quotes, a field of more than 128 kB), None at the end."""
    try:
        return next(reader, None)
    except csv.Error:
        return []
