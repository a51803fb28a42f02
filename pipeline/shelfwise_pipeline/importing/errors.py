"""The errors that stop an import.

ImportStopped
├── FileUnreadable    the file's format, encoding or columns cannot be determined
├── MapInvalid        the column map is invalid, or does not fit the file
├── TooManyMissing    a complete catalog lacks more products than are likely to be gone
└── TooManyRefused    so many rows were refused that the export is probably broken (from_files)
"""

from shelfwise_pipeline.errors import PipelineError


class ImportStopped(PipelineError):
    """The base class. The message says what was expected, what was found and what to do."""


class FileUnreadable(ImportStopped):
    """The file's format, encoding or columns cannot be determined."""


class MapInvalid(ImportStopped):
    """The column map is invalid, or does not fit the file."""


class TooManyMissing(ImportStopped):
    """A complete catalog lacks more products than are likely to be gone; nothing was changed."""
