"""Old bundles are let go, on a local disk as on shared storage."""

import fsspec

from shelfwise.bundle import BundleStore


def keep_newest(address: str, count: int) -> str | None:
    """Remove all but the newest `count` bundles; never the live one, nor the one to roll back to.

    Returns what stood in the way, if anything did: a new bundle goes live although old ones stay.
    """
    store = BundleStore(address)
    filesystem, root = fsspec.core.url_to_fs(store.address)
    needed = {store.live(), store.previous()}
    for version in store.versions()[:-count]:
        if version not in needed:
            try:
                filesystem.rm(f"{root}/{version}", recursive=True)
            except OSError as error:
                return f"expected to remove the old bundle {version}, found: {error}; it stays, and those after it"
    return None
