"""Where bundles are published: a folder, or any address that fsspec knows (s3://…)."""

import hashlib
import logging
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from shelfwise.bundle.arriving import arriving, clear
from shelfwise.bundle.manifest import FILE_NAME, VERSION, FileEntry, Manifest, PartName
from shelfwise.errors import BundleDamaged, BundleMissing
from shelfwise.settings import WrongSetting

_log = logging.getLogger("shelfwise.bundle")

CURRENT = "current"
PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Part:
    """One service's part of a bundle, on local disk, every file checked."""

    manifest: Manifest
    path: Path

    @property
    def version(self) -> str:
        return self.manifest.version


class BundleStore:
    """Reads bundles; `BundleWriter` makes them."""

    def __init__(self, address: str, cache: Path | None = None) -> None:
        """`address`: the value of SHELFWISE_BUNDLES; nothing is read yet.

        Raises:
            WrongSetting: nothing that is installed can read such an address.
        """
        self.address = address.rstrip("/")
        self._cache = cache
        try:
            self._fs, self._root = fsspec.core.url_to_fs(self.address)
        except (ValueError, ImportError) as error:
            raise WrongSetting(
                f"SHELFWISE_BUNDLES: expected a folder, or an address like s3://bucket/bundles, found {self.address!r}: {error}"
            ) from error
        self._local = isinstance(self._fs, LocalFileSystem)

    def current(self) -> str:
        """The published version.

        Raises:
            BundleMissing: nothing is published here.
        """
        version = self.live()
        if version is None:
            raise BundleMissing(
                f"expected a published bundle at {self.address!r}, found none; "
                "run `shelfwise build`, or correct SHELFWISE_BUNDLES"
            )
        return version

    def live(self) -> str | None:
        """Like `current`; None if nothing is published."""
        return self._named(CURRENT)

    def previous(self) -> str | None:
        """The version that was published before the present one; None if there was none."""
        return self._named(PREVIOUS)

    def publish(self, version: str) -> None:
        """Make `version` the one that services serve; atomic on a local disk and on S3. The previous one is remembered."""
        self.manifest(version)
        live = self.live()
        if live == version:
            return
        if live is not None:  # first, so that the live version's name is not lost, whatever happens in between
            self._name(PREVIOUS, live)
        self._name(CURRENT, version)

    def verify(self, version: str) -> None:
        """Check that every file of a bundle is as it was written; on shared storage, that it exists and has as many bytes.

        Raises:
            BundleMissing, BundleDamaged, BundleMismatch
        """
        for path, entry in self.manifest(version).files.items():
            if self._local:
                _check(Path(self._root) / version / path, entry, version)
            else:
                _check_size(self._size(f"{version}/{path}"), path, entry, version)

    def versions(self) -> list[str]:
        """Every complete bundle, oldest first; a name that begins with a dot is still being put in place."""
        if not self._fs.exists(self._root):
            return []
        folders = (str(path).rstrip("/").rsplit("/", 1)[-1] for path in self._fs.ls(self._root, detail=False))
        return sorted(
            name for name in folders if not name.startswith(".") and self._fs.exists(f"{self._root}/{name}/{FILE_NAME}")
        )

    def manifest(self, version: str) -> Manifest:
        """The manifest of `version`.

        Raises:
            BundleMissing, BundleDamaged, BundleMismatch
        """
        if not VERSION.fullmatch(version):
            raise BundleMissing(f"expected a version of letters, digits, '.', '_' and '-', found {version!r}")
        try:
            raw = self._read(f"{version}/{FILE_NAME}")
        except FileNotFoundError:
            raise BundleMissing(
                f"expected bundle {version!r} at {self.address!r}, found no {FILE_NAME}; "
                f"known versions: {self.versions() or 'none'}"
            ) from None
        return Manifest.parse(raw, f"{self.address}/{version}/{FILE_NAME}")

    def open(self, version: str, part: PartName) -> Part:
        """One part of a bundle on local disk, every file's size and sha256 checked; fetched if necessary, and again if the kept
        copy was damaged.

        Raises:
            BundleMissing, BundleDamaged, BundleMismatch
        """
        manifest = self.manifest(version)
        files = manifest.part_files(part)
        if not files:
            raise BundleDamaged(f"bundle {version!r} has no part {part!r}; build it again")
        if not self._local:
            return Part(manifest, self._fetched(version, part, files))
        folder = Path(self._root) / version
        _check_all(folder, files, version)
        return Part(manifest, folder / part)

    def spare_cache(self, part: PartName, keep: Collection[str]) -> None:
        """Remove what was fetched of `part`, except for the versions in `keep` and the one that was published before."""
        if self._local or self._cache is None or not self._cache.exists():
            return
        kept = {*keep, self.previous()}
        for folder in self._cache.iterdir():
            if folder.name not in kept and not folder.name.startswith("."):
                shutil.rmtree(folder / part, ignore_errors=True)
                if not any(folder.iterdir()):
                    folder.rmdir()
        with suppress(OSError):  # it belongs to another account
            clear(self._cache)

    def _fetched(self, version: str, part: PartName, files: dict[str, FileEntry]) -> Path:
        """The checked folder of the part in the cache, which other processes may share."""
        if self._cache is None:
            raise BundleMissing(
                f"bundles at {self.address!r} are remote, and no cache folder is set; set SHELFWISE_BUNDLE_CACHE"
            )
        kept = self._cache / version / part
        damage = _damage(kept, files, version)
        if damage is None:
            return kept
        if kept.exists():
            _log.warning("a cached bundle part is damaged and is fetched again", extra={"problem": damage})
        # Fetched aside, checked and renamed, so that neither an interrupted nor a damaged download ever looks like a bundle.
        with arriving(self._cache, version) as aside:
            for path in files:
                local = aside / path
                local.parent.mkdir(parents=True, exist_ok=True)
                try:
                    self._fs.get_file(f"{self._root}/{version}/{path}", str(local))
                except FileNotFoundError:
                    raise BundleDamaged(f"bundle {version!r} lacks {path!r}; build it again") from None
            _check_all(aside, files, version)
            if _damage(kept, files, version) is not None:  # another process may have been faster
                _replace(kept, aside / part)
        return kept

    def _size(self, path: str) -> int | None:
        """The size in bytes; None if there is no such file."""
        try:
            return int(self._fs.size(f"{self._root}/{path}"))
        except FileNotFoundError:
            return None

    def _named(self, file: str) -> str | None:
        """The version in a one-line file."""
        try:
            return self._read(file).decode().strip() or None
        except FileNotFoundError:
            return None

    def _name(self, file: str, version: str) -> None:
        if not self._local:
            self._fs.pipe_file(f"{self._root}/{file}", (version + "\n").encode())
            return
        fresh = Path(self._root) / f".{file}.new"
        fresh.write_text(version + "\n")
        fresh.replace(Path(self._root) / file)

    def _read(self, path: str) -> bytes:
        content: Any = self._fs.cat_file(f"{self._root}/{path}")
        return bytes(content)


def sha256_of(path: Path) -> str:
    """The file's sha256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damage(kept: Path, files: dict[str, FileEntry], version: str) -> str | None:
    """Why the kept copy of a bundle cannot be used; None if it can."""
    try:
        _check_all(kept.parent, files, version)
    except BundleDamaged as error:
        return error.message
    return None


def _replace(kept: Path, fresh: Path) -> None:
    """Move `fresh` to `kept`, and what was there to where `fresh` was. On one file system, so that nothing is ever half
    there."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        kept.rename(fresh.with_name(f"{fresh.name}.damaged"))
    try:
        fresh.rename(kept)
    except OSError:
        if not kept.exists():
            raise
        # Another process put its own checked copy there at this moment.


def _check_all(folder: Path, files: dict[str, FileEntry], version: str) -> None:
    for path, entry in files.items():
        _check(folder / path, entry, version)


def _check_size(found: int | None, name: str, entry: FileEntry, version: str) -> None:
    if found is None:
        raise BundleDamaged(f"bundle {version!r} lacks {name!r}; build it again")
    if found != entry.bytes:
        raise BundleDamaged(f"{name!r} of bundle {version!r}: expected {entry.bytes} bytes, found {found}; build it again")


def _check(path: Path, entry: FileEntry, version: str) -> None:
    _check_size(path.stat().st_size if path.is_file() else None, path.name, entry, version)
    found = sha256_of(path)
    if found != entry.sha256:
        raise BundleDamaged(
            f"{path.name!r} of bundle {version!r}: expected sha256 {entry.sha256[:12]}…, found {found[:12]}…; build it again"
        )
