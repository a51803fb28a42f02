"""What stops an import before any row is judged.

ImportStopped
├── FileUnreadable   the file's format, encoding or columns cannot be made out
├── MapInvalid       the column map is not one, or does not fit the file
└── MapMissing       no map was given; carries the proposed one
"""


class ImportStopped(Exception):
    """The base; the message says what was expected, what was found and what to do."""


class FileUnreadable(ImportStopped):
    """The file's format, encoding or columns cannot be made out."""


class MapInvalid(ImportStopped):
    """The column map is not one, or does not fit the file."""


class MapMissing(ImportStopped):
    """No map was given; `proposal` is one to begin with, as YAML."""

    def __init__(self, message: str, proposal: str) -> None:
        super().__init__(message)
        self.proposal = proposal
