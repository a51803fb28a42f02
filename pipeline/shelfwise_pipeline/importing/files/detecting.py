"""Detects a file's format, compression and CSV delimiter: by its name, and by its first bytes where the name is unclear."""

import csv
import gzip
import zlib
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Literal, cast

from shelfwise_pipeline.importing.errors import FileUnreadable

Format = Literal["csv", "parquet", "jsonl"]
SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
DELIMITERS = ",;\t|"
SAMPLE_BYTES = 64 * 1024
SAMPLE_ROWS = 200
FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}

BROKEN = (OSError, EOFError, zlib.error)
"""The errors raised on reading a truncated or damaged file, packed or not."""


def open_bytes(path: Path) -> BinaryIO:
    """Open the file's bytes, unpacked if they are gzipped, whatever its name. Raises FileUnreadable."""
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else path.open("rb")
    except OSError as error:
        raise FileUnreadable(f"expected a file at {str(path)!r}, found: {error.strerror or error}") from error


def first_bytes(path: Path) -> bytes:
    """Return the first SAMPLE_BYTES of the file's unpacked content. Raises FileUnreadable."""
    with open_bytes(path) as file:
        try:
            return file.read(SAMPLE_BYTES)
        except BROKEN as error:
            raise FileUnreadable(f"expected a complete gzip file at {str(path)!r}, found: {error}; copy it again") from error


def format_of(path: Path, start: bytes) -> Format:
    """Return the format: by the first bytes if they are unmistakable, then by the name, then by what the first line looks
    like."""
    if start.startswith(b"PAR1"):
        return "parquet"
    for magic, what in FOREIGN.items():
        if start.startswith(magic):
            raise FileUnreadable(
                f"expected CSV, Parquet or JSON Lines, perhaps gzipped, found {what}: {str(path)!r}; unpack it, save it as CSV"
            )
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in SUFFIXES:
        return SUFFIXES[suffixes[-1]]
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        raise FileUnreadable(
            f"expected JSON Lines (one object a line), found a JSON array: {str(path)!r}; turn it into lines, e.g. jq -c '.[]'"
        )
    return "jsonl" if text.startswith(b"{") else "csv"


def delimiter_of(sample: str) -> str:
    """Return the delimiter that splits the sample's rows most evenly into more than one field; a comma if none does."""

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = [row for row, _ in zip(csv.reader(sample.splitlines(), delimiter=delimiter), range(SAMPLE_ROWS), strict=False)]
        widths = [len(row) for row in rows if row][: max(1, len(rows) - 1)]  # the last one may be cut off
        width, often = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (often / len(widths), width) if width > 1 else (0.0, width)

    return max(DELIMITERS, key=evenness)
