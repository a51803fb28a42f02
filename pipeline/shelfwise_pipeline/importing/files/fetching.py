"""Copies remote files to the local disk, because every reader reads its file more than once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import fsspec

from shelfwise.bundle.arriving import temporary
from shelfwise_pipeline.importing.errors import FileUnreadable


@contextmanager
def on_this_disk(addresses: Sequence[str]) -> Iterator[list[Path]]:
    """Yield a path for each address, in their order: a local file's own path, or that of a copy for any other address that
    fsspec supports (s3://…).

    A copy has the file's name, which tells the format, and lasts as long as the context. Raises FileUnreadable.
    """
    with temporary("import") as folder:
        yield [
            _fetched(address, folder / str(place)) if "://" in address else Path(address)
            for place, address in enumerate(addresses)
        ]


def _fetched(address: str, folder: Path) -> Path:
    folder.mkdir()
    try:
        filesystem, remote = fsspec.core.url_to_fs(address)
        copy = folder / PurePosixPath(remote).name
        filesystem.get_file(remote, str(copy))
    except (OSError, ValueError, ImportError) as error:  # missing, unknown protocol, or a missing package for it
        raise FileUnreadable(f"expected a file at {address!r}, found: {str(error) or type(error).__name__}") from error
    return copy
