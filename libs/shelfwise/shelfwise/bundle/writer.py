"""Makes a bundle on local disk, aside, and moves it into place when it is whole."""

import re
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import fsspec

from shelfwise.bundle.arriving import arriving, temporary
from shelfwise.bundle.manifest import FILE_NAME, SCHEMA, FileEntry, Manifest, PartName
from shelfwise.bundle.store import sha256_of

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


class BundleWriter:
    """A context: fill `part(...)`, call `finish(...)`; left without `finish`, nothing remains."""

    def __init__(self, address: str, version: str | None = None) -> None:
        self.version = version or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        if not _VERSION.fullmatch(self.version):
            raise ValueError(f"expected a version of letters, digits, '.', '_' and '-', found {self.version!r}")
        self._fs, self._root = fsspec.core.url_to_fs(address.rstrip("/"))
        self._aside = ExitStack()
        self.folder: Path
        """Where the bundle is made; there within the context."""

    def __enter__(self) -> Self:
        self.folder = self._aside.enter_context(temporary("bundle")) / self.version
        self.folder.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._aside.close()

    def part(self, name: PartName) -> Path:
        """The folder of one part, made if need be."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def finish(self, **facts: Any) -> Manifest:
        """Write the manifest (`facts` are its fields beside schema, version, time and files) and put the bundle in place.

        Raises:
            FileExistsError: the version is there already; bundles never change.
        """
        files = {
            path.relative_to(self.folder).as_posix(): FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        manifest = Manifest(schema_number=SCHEMA, version=self.version, created_at=datetime.now(UTC), files=files, **facts)
        target = f"{self._root}/{self.version}"
        if self._fs.exists(target):
            raise FileExistsError(f"bundle {self.version!r} exists at {target!r}; bundles never change, choose another version")
        (self.folder / FILE_NAME).write_text(manifest.model_dump_json(indent=2))
        self._put(target)
        return manifest

    def _put(self, target: str) -> None:
        if "file" in self._fs.protocol:
            with arriving(Path(self._root), self.version) as folder:
                shutil.copytree(self.folder, folder, dirs_exist_ok=True)
                folder.rename(target)
            return
        # The manifest goes last: without it, a half-sent bundle is no bundle.
        for path in sorted(self.folder.rglob("*"), key=lambda path: path.name == FILE_NAME):
            if path.is_file():
                self._fs.put_file(str(path), f"{target}/{path.relative_to(self.folder).as_posix()}")
