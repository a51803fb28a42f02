"""One file of a shop: its format, its columns, a sample, and its rows as often as they are needed."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files.csv_rows import Lines, csv_chunks, header_of
from shelfwise_pipeline.importing.files.decoding import decoded_lines, sample_text
from shelfwise_pipeline.importing.files.detecting import BROKEN, Format, delimiter_of, first_bytes, format_of, open_bytes
from shelfwise_pipeline.importing.files.jsonl_rows import jsonl_chunks
from shelfwise_pipeline.importing.files.parquet_rows import DAMAGED, parquet_chunks, scan
from shelfwise_pipeline.importing.files.rows import CHUNK_ROWS, RawChunk, RowProblem, distinct_names

SAMPLE_ROWS = 20_000


class FileOptions(BaseModel):
    """What is known about a file in advance. Everything else is detected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format | None = None
    encoding: str | None = Field(None, description="Of text; without it UTF-8, and Latin-1 where a line is not UTF-8.")
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    header: bool = Field(True, description="Whether a CSV's first line names its columns; else they are column_1, column_2, …")


@dataclass(frozen=True)
class SourceFile:
    """A readable file. `columns`: those of the first rows for JSON Lines, of all rows otherwise."""

    path: Path
    format: Format
    options: FileOptions
    columns: tuple[str, ...]
    delimiter: str = ","

    @classmethod
    def open(cls, path: Path, options: FileOptions | None = None) -> "SourceFile":
        """Detect the file's format and columns. Raises FileUnreadable."""
        options = options or FileOptions()
        start = first_bytes(path)
        kind = options.format or format_of(path, start)
        if kind == "parquet":
            return cls(path, kind, options, tuple(scan(path).collect_schema().names()))
        if kind == "jsonl":
            with open_bytes(path) as file, closing(decoded_lines(file, start, options.encoding)) as decoded:
                first = next(jsonl_chunks(decoded), None)
            columns = [] if first is None else [name for name in first.frame.columns if name not in (LINE, MENDED)]
            return cls(path, kind, options, tuple(columns))
        delimiter = options.delimiter or delimiter_of(sample_text(start, options.encoding))
        with open_bytes(path) as file, closing(decoded_lines(file, start, options.encoding)) as decoded:
            header = header_of(Lines(decoded), delimiter)
        if not header:
            raise FileUnreadable(f"expected a first line with the columns' names in {str(path)!r}, found none: is it empty?")
        names = distinct_names(header if options.header else [""] * len(header))
        return cls(path, kind, options, tuple(names), delimiter)

    def chunks(self, rows: int | None = None, only: Collection[str] = ()) -> Iterator[RawChunk]:
        """Yield all rows from the beginning, `rows` (CHUNK_ROWS) at a time, always with all `columns`.

        `only`: the columns needed. The other columns of a Parquet file are not read then; in JSON Lines, those that no object
        has are null. Raises FileUnreadable.
        """
        rows = rows or CHUNK_ROWS
        if self.format == "parquet":
            frame = scan(self.path)
            try:
                yield from parquet_chunks(frame.select(list(dict.fromkeys(only))) if only else frame, rows)
            except DAMAGED as error:
                raise self._damaged(error) from error
            return
        start = first_bytes(self.path)
        with open_bytes(self.path) as file, closing(decoded_lines(file, start, self.options.encoding)) as decoded:
            try:
                if self.format == "csv":
                    yield from csv_chunks(
                        decoded, self.delimiter, list(self.columns), has_header=self.options.header, rows=rows
                    )
                    return
                for chunk in jsonl_chunks(decoded, rows):
                    absent = [name for name in dict.fromkeys((*self.columns, *only)) if name not in chunk.frame.columns]
                    nulls = [pl.lit(None, pl.String).alias(name) for name in absent]
                    yield RawChunk(chunk.frame.with_columns(nulls), chunk.problems)
            except BROKEN as error:
                raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> FileUnreadable:
        return FileUnreadable(
            f"expected {str(self.path)!r} to be complete, found: {error}; copy it again; "
            "rows before the damage may have been imported already"
        )

    def no_rows(self) -> list[RowProblem]:
        """Return the lines of the first chunk that are not rows."""
        first = next(self.chunks(SAMPLE_ROWS), None)
        return [] if first is None else [problem for problem in first.problems if problem.action == "refused"]

    def sample(self) -> pl.DataFrame:
        """Return the first rows, at most SAMPLE_ROWS."""
        first = next(self.chunks(SAMPLE_ROWS), None)
        return pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String)) if first is None else first.frame.drop(LINE, MENDED)
