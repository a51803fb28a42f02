"""What stops an import before any row is judged.

ImportStopped
├── FileUnreadable   the file's format, encoding or columns cannot be made out
└── MapInvalid       the column map is not one, or does not fit the file
"""

from shelfwise_pipeline.errors import PipelineError


class ImportStopped(PipelineError):
    """The base; the message says what was expected, what was found and what to do."""


class FileUnreadable(ImportStopped):
    """The file's format, encoding or columns cannot be made out."""


class MapInvalid(ImportStopped):
    """The column map is not one, or does not fit the file."""
