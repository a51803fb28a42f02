"""Decodes lines of text from bytes of uncertain encoding.

Without a named encoding, every line is read as UTF-8 or, if it is not UTF-8, as Latin-1 (its Windows variant, which nearly
every "Latin-1" file is). So one bad line in a million gives one note, and a file joined from both encodings is read correctly.
"""

import codecs
import io
from collections.abc import Generator, Iterator
from typing import BinaryIO

from shelfwise_pipeline.importing.errors import FileUnreadable

MOSTLY = 0.6
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded_lines(file: BinaryIO, start: bytes, encoding: str | None) -> Generator[tuple[str, bool]]:
    """Yield each line with its line ending, and whether it had to be read as Latin-1. `start` are the file's first bytes.

    Close the generator before the file.

    Raises FileUnreadable when the named encoding does not fit or does not exist.
    """
    if encoding is None and start.startswith(UTF16):
        encoding = "utf-16"
    if encoding is not None:
        yield from _as_told(file, encoding)
        return
    _refuse_utf16(start)
    # Classic Mac line ends justify a slower path: without it the whole file would be one line.
    lines: Iterator[bytes] = iter(file) if b"\n" in start or b"\r" not in start else _lines_by_return(file)
    for number, line in enumerate(lines):
        if number == 0:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield text_of(line)


def _refuse_utf16(start: bytes) -> None:
    """Raise FileUnreadable for UTF-16 without a byte order mark. It shows only by every second byte of most text being 0."""
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = start[place::2]
        if half and half.count(0) > MOSTLY * len(half):
            raise FileUnreadable(
                f"expected text in UTF-8 or Latin-1, found what looks like UTF-16 without a byte order mark: name its encoding "
                f"({name}: --encoding, or `encoding` in the map)"
            )


def text_of(raw: bytes) -> tuple[str, bool]:
    """Return the bytes decoded as UTF-8, or else as Latin-1, and whether it was Latin-1."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return latin(raw), True


def latin(line: bytes) -> str:
    """Decode the bytes as Windows-1252, or as ISO 8859-1 if they contain one of the five bytes that it does not define."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def sample_text(start: bytes, encoding: str | None) -> str:
    """Return the beginning of the file as text, good enough to guess a delimiter from."""
    if encoding is None:
        encoding = "utf-16" if start.startswith(UTF16) else "utf-8-sig"
    try:
        return start.decode(encoding, errors="replace")
    except LookupError:
        return start.decode("latin-1")  # the actual reading will report that there is no such encoding


def _as_told(file: BinaryIO, encoding: str) -> Iterator[tuple[str, bool]]:
    try:
        codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    except LookupError as error:
        raise FileUnreadable(f"expected the name of an encoding (utf-8, latin-1, cp1252, …), found {encoding!r}") from error
    text = io.TextIOWrapper(file, encoding=codec, newline="")
    try:
        for line in text:
            yield line, False
    except UnicodeError as error:
        raise FileUnreadable(
            f"expected text in {encoding}, found: {error}; name another encoding, or none: "
            "then lines that are not UTF-8 are read as Latin-1 and reported"
        ) from error
    finally:
        text.detach()  # closing the file is left to the caller


def _lines_by_return(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := file.read(1 << 16):
        *whole, rest = (rest + block).split(b"\r")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest
