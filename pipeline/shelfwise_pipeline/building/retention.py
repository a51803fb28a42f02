"""Removes old bundles and the remains of unfinished ones, on a local disk or on shared storage."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, get_args

import fsspec
from fsspec.implementations.local import LocalFileSystem

from shelfwise.bundle import BundleStore, PartName
from shelfwise.bundle.arriving import clear, clear_temporary
from shelfwise.bundle.manifest import FILE_NAME

UNFINISHED_FOR = timedelta(days=1)
"""No build takes this long to send a bundle's next file."""

_OF_A_BUNDLE: Final = {*get_args(PartName), FILE_NAME}
"""What a bundle's folder may contain. Other folders beside the bundles, as in a home folder or in a whole bucket, stay."""


def sweep(address: str) -> str | None:
    """Remove what interrupted builds left: their temporary files, folders that no bundle is arriving in any more, and bundles
    without a manifest to which nothing was added for UNFINISHED_FOR.

    Returns the problem that stopped it, if there was one.
    """
    store = BundleStore(address)
    filesystem, root = fsspec.core.url_to_fs(store.address)
    try:
        clear_temporary()
        if not filesystem.exists(root):
            return None
        if isinstance(filesystem, LocalFileSystem):
            clear(Path(root))
        for entry in filesystem.ls(root, detail=True):
            path, name = entry["name"].rstrip("/"), entry["name"].rstrip("/").rsplit("/", 1)[-1]
            if entry["type"] != "directory" or name.startswith("."):
                continue
            if filesystem.exists(f"{path}/{FILE_NAME}"):
                continue
            files = filesystem.find(path)
            if _is_bundle(path, files) and _is_forgotten(filesystem, files):
                filesystem.rm(path, recursive=True)
    except OSError as error:
        return f"expected to remove the files of an unfinished build, found: {error}; they stay"
    return None


def _is_bundle(folder: str, files: list[str]) -> bool:
    """Whether the folder is a bundle, complete or not. Hidden files are ignored: they come from file managers."""
    names = {file[len(folder) :].strip("/").split("/")[0] for file in files}
    found = {name for name in names if not name.startswith(".")}
    return bool(found) and found <= _OF_A_BUNDLE


def _is_forgotten(filesystem: fsspec.AbstractFileSystem, files: list[str]) -> bool:
    newest = max(filesystem.modified(file) for file in files)
    return bool(datetime.now(UTC) - newest > UNFINISHED_FOR)


def keep_newest(address: str, count: int) -> str | None:
    """Remove all but the newest `count` bundles, but never the live one or the one to roll back to.

    Returns the problem that stopped it, if there was one: a new bundle goes live even if old ones stay.
    """
    store = BundleStore(address)
    filesystem, root = fsspec.core.url_to_fs(store.address)
    needed = {store.live(), store.previous()}
    versions = [
        version for version in store.versions() if _is_bundle(f"{root}/{version}", filesystem.find(f"{root}/{version}"))
    ]
    for version in versions[:-count]:
        if version not in needed:
            try:
                filesystem.rm(f"{root}/{version}", recursive=True)
            except OSError as error:
                return f"expected to remove the old bundle {version}, found: {error}; it and the newer ones stay"
    return None
