"""Old bundles on a local disk are let go; on shared storage that is the storage's own rule (S3 life cycle)."""

import shutil
from pathlib import Path

from shelfwise.bundle import BundleStore


def keep_newest(address: str, count: int) -> None:
    """Remove all but the newest `count` local bundles; never the live one, nor the one to roll back to."""
    if "://" in address:
        return
    store = BundleStore(address)
    needed = {store.live(), store.previous()}
    for version in store.versions()[:-count]:
        if version not in needed:
            shutil.rmtree(Path(address) / version)
