"""Where bundles are published: a folder, or any address that fsspec knows (s3://…)."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from shelfwise.bundle.manifest import FILE_NAME, FileEntry, Manifest, PartName
from shelfwise.errors import BundleDamaged, BundleMissing

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Part:
    """One service's share of a bundle, on local disk, every file checked."""

    manifest: Manifest
    path: Path

    @property
    def version(self) -> str:
        return self.manifest.version


class BundleStore:
    """Reads bundles; `BundleWriter` makes them."""

    def __init__(self, address: str, cache: Path | None = None) -> None:
        self.address = address.rstrip("/")
        self._cache = cache
        self._fs, self._root = fsspec.core.url_to_fs(self.address)
        self._local = "file" in ([self._fs.protocol] if isinstance(self._fs.protocol, str) else self._fs.protocol)

    def current(self) -> str:
        """The published version.

        Raises:
            BundleMissing: nothing is published here.
        """
        try:
            version = self._read(CURRENT).decode().strip()
        except FileNotFoundError:
            version = ""
        if not version:
            raise BundleMissing(
                f"expected a published bundle at {self.address!r}, found none; "
                "run `shelfwise build`, or correct SHELFWISE_BUNDLES"
            )
        return version

    def publish(self, version: str) -> None:
        """Make `version` the one that services serve; atomic on a local disk and on S3."""
        self.manifest(version)
        if self._local:
            root = Path(self._root)
            fresh = root / f".{CURRENT}.new"
            fresh.write_text(version + "\n")
            fresh.replace(root / CURRENT)
        else:
            self._fs.pipe_file(f"{self._root}/{CURRENT}", (version + "\n").encode())

    def versions(self) -> list[str]:
        """Every complete bundle, oldest first."""
        if not self._fs.exists(self._root):
            return []
        folders = (str(path).rstrip("/").rsplit("/", 1)[-1] for path in self._fs.ls(self._root, detail=False))
        return sorted(name for name in folders if self._fs.exists(f"{self._root}/{name}/{FILE_NAME}"))

    def manifest(self, version: str) -> Manifest:
        """The manifest of `version`.

        Raises:
            BundleMissing, BundleDamaged, BundleMismatch
        """
        try:
            raw = self._read(f"{version}/{FILE_NAME}")
        except FileNotFoundError:
            raise BundleMissing(
                f"expected bundle {version!r} at {self.address!r}, found no {FILE_NAME}; "
                f"known versions: {self.versions() or 'none'}"
            ) from None
        return Manifest.parse(raw, f"{self.address}/{version}/{FILE_NAME}")

    def open(self, version: str, part: PartName) -> Part:
        """One part of a bundle on local disk, fetched if need be, every file's size and sha256 checked.

        Raises:
            BundleMissing, BundleDamaged, BundleMismatch
        """
        manifest = self.manifest(version)
        files = manifest.part_files(part)
        if not files:
            raise BundleDamaged(f"bundle {version!r} has no part {part!r}; build it again")
        folder = Path(self._root) / version if self._local else self._fetch(version, part, files)
        for path, entry in files.items():
            _check(folder / path, entry, version)
        return Part(manifest, folder / part)

    def _fetch(self, version: str, part: PartName, files: dict[str, FileEntry]) -> Path:
        if self._cache is None:
            raise BundleMissing(
                f"bundles at {self.address!r} are remote and no cache folder is set; set SHELFWISE_BUNDLE_CACHE"
            )
        target = self._cache / version
        if not (target / part).exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            # Fetched aside and renamed, so that a killed download never looks like a bundle.
            with tempfile.TemporaryDirectory(dir=self._cache) as aside:
                for path in files:
                    local = Path(aside) / path
                    local.parent.mkdir(parents=True, exist_ok=True)
                    try:
                        self._fs.get_file(f"{self._root}/{version}/{path}", str(local))
                    except FileNotFoundError:
                        raise BundleDamaged(f"bundle {version!r} lacks {path!r}; build it again") from None
                target.mkdir(parents=True, exist_ok=True)
                shutil.move(str(Path(aside) / part), target / part)
        return target

    def _read(self, path: str) -> bytes:
        content: Any = self._fs.cat_file(f"{self._root}/{path}")
        return bytes(content)


def sha256_of(path: Path) -> str:
    """The file's sha256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, entry: FileEntry, version: str) -> None:
    if not path.is_file():
        raise BundleDamaged(f"bundle {version!r} lacks {path.name!r}; build it again")
    size = path.stat().st_size
    if size != entry.bytes:
        raise BundleDamaged(f"{path.name!r} of bundle {version!r}: expected {entry.bytes} bytes, found {size}; build it again")
    found = sha256_of(path)
    if found != entry.sha256:
        raise BundleDamaged(
            f"{path.name!r} of bundle {version!r}: expected sha256 {entry.sha256[:12]}…, found {found[:12]}…; build it again"
        )
