"""Makes another version of a published bundle with the same content."""

import os
import shutil
from pathlib import Path
from typing import Any

import orjson

MANIFEST = "manifest.json"


def another_version(bundles: Path, version: str, name: str, target: Path, **facts: Any) -> None:
    """Copy `bundles/version` to `target/name`. Only the manifest differs; the other files are links where that is possible.

    `facts` replace fields of the original manifest.
    """
    source, copy = bundles / version, target / name
    shutil.copytree(source, copy, copy_function=_linked)
    manifest = orjson.loads((source / MANIFEST).read_bytes())
    (copy / MANIFEST).unlink()  # a link: writing to it would change the original
    (copy / MANIFEST).write_bytes(orjson.dumps({**manifest, **facts, "version": name}))


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
