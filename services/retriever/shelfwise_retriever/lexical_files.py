"""Opens a tantivy index from a folder that may be read-only."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import tantivy

_TRIES = 50
_BETWEEN_S = 0.01


@contextmanager
def opened(folder: Path) -> Iterator[tantivy.Index]:
    """The index in `folder`; take its searcher before leaving the context, it stays usable.

    tantivy creates a lock file beside the index even to read it, which fails if the bundle belongs to another user or is on a
    read-only volume. It therefore opens a folder of links.
    """
    aside = Path(mkdtemp(prefix="shelfwise-lexical-"))
    try:
        for path in folder.iterdir():
            if path.suffix != ".lock":
                _link(path.resolve(), aside / path.name)
        yield tantivy.Index.open(str(aside))
    finally:
        _remove(aside)


def _remove(folder: Path) -> None:
    # A thread that tantivy starts with every index may be recreating its lock file at this moment.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_BETWEEN_S)


def _link(path: Path, at: Path) -> None:
    try:
        at.symlink_to(path)
    except OSError:  # not every system lets every user create links
        shutil.copyfile(path, at)
