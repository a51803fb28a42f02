"""Maps a shop's columns to the canonical ones: the column map, its checks, its execution and its proposal."""

from shelfwise_pipeline.importing.mapping.convert import Converter
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.mapping.reading import read_map

__all__ = ["ColumnMap", "Converter", "read_map"]
