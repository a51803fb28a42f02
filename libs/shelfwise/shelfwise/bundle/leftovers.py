"""What killed processes left behind."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

_NEEDED_S = 86_400.0
"""Nobody copies a bundle for so long."""


def clear(folder: Path, pattern: str) -> None:
    """Remove what matches `pattern` in `folder` and was not touched for a day; the rest may be another process's at work."""
    for left in folder.glob(pattern):
        with suppress(FileNotFoundError):  # another process clears up, too
            if time.time() - left.stat().st_mtime > _NEEDED_S:
                shutil.rmtree(left, ignore_errors=True)
