"""Reads a shop's files as streams of rows: CSV, Parquet or JSON Lines, perhaps gzipped. Values stay text, and each row has its
line."""

from shelfwise_pipeline.importing.files.fetching import on_this_disk
from shelfwise_pipeline.importing.files.opening import FileOptions, SourceFile
from shelfwise_pipeline.importing.files.rows import RawChunk, RowProblem

__all__ = ["FileOptions", "RawChunk", "RowProblem", "SourceFile", "on_this_disk"]
