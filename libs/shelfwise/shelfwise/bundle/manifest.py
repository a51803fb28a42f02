"""A bundle's description of itself."""

import re
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shelfwise.errors import BundleDamaged, BundleMismatch

SCHEMA = 5
"""Incremented whenever code can no longer read what older code wrote."""

FILE_NAME = "manifest.json"

VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
"""Also the name of the bundle's folder: a writer to the storage must not lead a service out of its own folders."""

PartName = Literal["encoder", "catalog", "ranker"]


class FileEntry(BaseModel):
    """One file of the bundle."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    bytes: int


class Manifest(BaseModel):
    """The bundle's table of contents; unknown keys are ignored, so that older readers can read it."""

    model_config = ConfigDict(frozen=True)

    schema_number: int
    version: str
    created_at: datetime
    data_fingerprint: str = Field(description="State of the database it was built from.")
    last_change: int = Field(description="The last row of the catalog's change log that it contains.")
    last_change_at: datetime | None = Field(None, description="When that row was written; a later row may have its number.")
    files: dict[str, FileEntry] = Field(description="By path inside the bundle.")
    encoder: dict[str, Any] = Field(description="Vector space, source weights and measured fidelity.")
    catalog: dict[str, Any] = Field(description="Sizes and the chosen index, with its measured recall.")
    events: int = Field(0, description="How many it was learned from.")
    judgements: int = Field(0, description="How many it was learned from.")
    features: dict[str, list[str]] = Field(description="Feature names in order, by kind of question.")
    evaluation: dict[str, Any] = Field(description="Figures on held-out data.")

    @classmethod
    def parse(cls, raw: bytes, source: str) -> "Manifest":
        """Read a manifest.

        Raises:
            BundleDamaged: `raw` is not a manifest, or names a file outside of the bundle.
            BundleMismatch: its schema number is not that of this code.
        """
        try:
            manifest = cls.model_validate_json(raw)
        except ValidationError as error:
            raise BundleDamaged(f"{source} is not a manifest: {error.errors()[0]['msg']}; build the bundle again") from error
        if outside := [path for path in manifest.files if not _is_inside(path)]:
            raise BundleDamaged(f"{source} names a file outside of the bundle, {outside[0]!r}; build the bundle again")
        if manifest.schema_number != SCHEMA:
            raise BundleMismatch(
                f"{source} has schema {manifest.schema_number}, this code reads schema {SCHEMA}; "
                "build the bundle with the same release as the services"
            )
        return manifest

    def part_files(self, part: PartName) -> dict[str, FileEntry]:
        """The files below `part/`, by path inside the bundle."""
        return {path: entry for path, entry in self.files.items() if path.startswith(f"{part}/")}


def _is_inside(path: str) -> bool:
    """Whether `path`, as the writer writes it, leads to a file in the bundle's own folder."""
    return not path.startswith("/") and ".." not in PurePosixPath(path).parts
