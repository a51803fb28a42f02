"""Where the benchmarks read and write, and the environment their servers run in."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "var" / "benchmarks"
REPORTS = ROOT / "reports"

# A forced BLAS kernel or cache size would favour one system. Without it, each library chooses for this processor itself.
_FORCED_KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def server_environment(**more: str) -> dict[str, str]:
    """This process's environment without forced BLAS kernels, plus `more`. Modules are found from the repository's root."""
    kept = {name: value for name, value in os.environ.items() if name not in _FORCED_KERNELS}
    path = os.pathsep.join(part for part in (str(ROOT), kept.get("PYTHONPATH", "")) if part)
    return {**kept, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false", **more}
