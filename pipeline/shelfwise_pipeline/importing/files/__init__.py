"""A shop's files as streams of rows: CSV, Parquet, JSON Lines, perhaps gzipped; values still text, each row with its line."""

from shelfwise_pipeline.importing.files.fetching import on_this_disk
from shelfwise_pipeline.importing.files.opening import FileOptions, SourceFile
from shelfwise_pipeline.importing.files.rows import RawChunk, RowProblem

__all__ = ["FileOptions", "RawChunk", "RowProblem", "SourceFile", "on_this_disk"]
