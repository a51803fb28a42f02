"""Makes a bundle aside, on local disk, and moves it into place when it is complete."""

import errno
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import fsspec
from fsspec.implementations.local import LocalFileSystem

from shelfwise.bundle.arriving import arriving, temporary
from shelfwise.bundle.manifest import FILE_NAME, SCHEMA, VERSION, FileEntry, Manifest, PartName
from shelfwise.bundle.store import sha256_of

_STAMP = "%Y%m%d-%H%M%S"


class BundleWriter:
    """A context manager: fill `part(...)`, call `finish(...)`; without `finish`, nothing remains."""

    def __init__(self, address: str, version: str | None = None) -> None:
        self._named = version is not None
        self.version = version or datetime.now(UTC).strftime(_STAMP)
        if not VERSION.fullmatch(self.version):
            raise ValueError(f"expected a version of letters, digits, '.', '_' and '-', found {self.version!r}")
        self._fs, self._root = fsspec.core.url_to_fs(address.rstrip("/"))
        self._aside = ExitStack()
        self.folder: Path
        """Where the bundle is made; exists within the context."""

    def __enter__(self) -> Self:
        self.folder = self._aside.enter_context(temporary("bundle")) / self.version
        self.folder.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._aside.close()

    def part(self, name: PartName) -> Path:
        """The folder of one part, created if necessary."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def finish(self, **facts: Any) -> Manifest:
        """Write the manifest (`facts` are its fields besides schema, version, time and files) and put the bundle in place.

        Raises:
            FileExistsError: the requested version exists already; bundles never change.
        """
        files = {
            path.relative_to(self.folder).as_posix(): FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        while True:
            target = f"{self._root}/{self.version}"
            manifest = Manifest(schema_number=SCHEMA, version=self.version, created_at=datetime.now(UTC), files=files, **facts)
            (self.folder / FILE_NAME).write_text(manifest.model_dump_json(indent=2))
            try:
                self._put(target)
            except FileExistsError:
                if self._named or not self._fs.exists(target):  # the bundles' folder itself may be a file
                    raise
                # Another build began in the same second, and finished first.
                self.version = (datetime.strptime(self.version, _STAMP) + timedelta(seconds=1)).strftime(_STAMP)
            else:
                return manifest

    def _put(self, target: str) -> None:
        taken = f"bundle {self.version!r} exists at {target!r}; bundles never change, choose another version"
        if self._fs.exists(target):
            raise FileExistsError(taken)
        if isinstance(self._fs, LocalFileSystem):
            with arriving(Path(self._root), self.version) as folder:
                shutil.copytree(self.folder, folder, dirs_exist_ok=True)
                try:
                    folder.rename(target)
                except OSError as error:
                    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # it appeared while this one was copied
                        raise FileExistsError(taken) from error
                    raise
            return
        # The manifest is sent last: without it, a half-sent bundle is no bundle.
        for path in sorted(self.folder.rglob("*"), key=lambda path: path.name == FILE_NAME):
            if path.is_file():
                self._fs.put_file(str(path), f"{target}/{path.relative_to(self.folder).as_posix()}")
