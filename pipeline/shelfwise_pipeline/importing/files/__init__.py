"""A shop's files as streams of rows: CSV, Parquet or JSON Lines, perhaps gzipped; every value still text, every row with its line."""

from shelfwise_pipeline.importing.files.opening import FileOptions, SourceFile
from shelfwise_pipeline.importing.files.rows import RawChunk, RowProblem

__all__ = ["FileOptions", "RawChunk", "RowProblem", "SourceFile"]
