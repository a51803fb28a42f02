"""Old bundles on a local disk are let go; on shared storage that is the storage's own rule (S3 life cycle)."""

import shutil
from pathlib import Path

from shelfwise.bundle import BundleStore
from shelfwise.errors import BundleMissing


def keep_newest(address: str, count: int) -> None:
    """Remove all but the newest `count` local bundles; never the live one."""
    if "://" in address:
        return
    store = BundleStore(address)
    try:
        live = store.current()
    except BundleMissing:
        live = None
    for version in store.versions()[:-count]:
        if version != live:
            shutil.rmtree(Path(address) / version)
