"""JSON Lines as chunks of rows. Nested objects become dotted columns (`price.amount`), lists stay JSON text."""

import json
import re
from collections.abc import Iterator
from typing import Any

from shelfwise_pipeline.importing.files.csv_rows import LATIN
from shelfwise_pipeline.importing.files.rows import CHUNK_ROWS, RawChunk, RowProblem, chunk_of

OBJECT = "row_json", "not a JSON object on one line"
HALF = "row_half", "half of a surrogate pair, as of an emoji cut in two; replaced by \N{REPLACEMENT CHARACTER}"
HALVES = re.compile(r"[\ud800-\udfff]")


def jsonl_chunks(decoded: Iterator[tuple[str, bool]], rows: int = CHUNK_ROWS) -> Iterator[RawChunk]:
    """Yield the rows in chunks of `rows`. Each chunk has the columns that occur in it."""
    objects: list[dict[str, str | None]] = []
    numbers: list[int] = []
    problems: list[RowProblem] = []
    for number, (line, is_latin) in enumerate(decoded, start=1):
        if not line.strip():
            continue
        try:
            row = _flat(json.loads(line))
        except (ValueError, AttributeError, RecursionError):
            problems.append(RowProblem(number, OBJECT[0], "refused", OBJECT[1], line.strip()))
        else:
            whole = _whole(row) if "\\u" in line else row
            objects.append(whole)
            numbers.append(number)
            if whole != row:
                problems.append(RowProblem(number, HALF[0], "mended", HALF[1], line.strip()))
            if is_latin:
                problems.append(RowProblem(number, LATIN[0], "mended", LATIN[1], line.strip()))
        if len(objects) + len(problems) >= rows:
            yield _chunk(objects, numbers, problems)
            objects, numbers, problems = [], [], []
    if objects or problems:
        yield _chunk(objects, numbers, problems)


def _chunk(objects: list[dict[str, str | None]], numbers: list[int], problems: list[RowProblem]) -> RawChunk:
    columns = list(dict.fromkeys(name for row in objects for name in row))
    return chunk_of(columns, [[row.get(name) for name in columns] for row in objects], numbers, problems)


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    fields: dict[str, str | None] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            fields |= _flat(value, f"{prefix}{name}.")
        else:
            fields[_safe(prefix + name)] = _text(value)
    return fields


def _whole(row: dict[str, str | None]) -> dict[str, str | None]:
    """Return the row without lone surrogates, which JSON can contain but UTF-8 text cannot."""
    return {
        HALVES.sub("\N{REPLACEMENT CHARACTER}", name): value and HALVES.sub("\N{REPLACEMENT CHARACTER}", value)
        for name, value in row.items()
    }


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _safe(name: str) -> str:
    """Rename a column that clashes with our own, `line` and MENDED."""
    return f"{name}_" if name in ("line", "__mended") else name
