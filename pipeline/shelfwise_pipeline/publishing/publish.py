"""Makes bundles live, and takes the last one back."""

from shelfwise.bundle import BundleStore, Manifest
from shelfwise.errors import BundleError, BundleMissing
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.publishing.gates import refusals


class Refused(PipelineError):
    """A bundle that must not go live; the message has the numbers."""

    def __init__(self, version: str, reasons: list[str], live: str | None) -> None:
        self.reasons = reasons
        listed = "".join(f"\n  - {reason}" for reason in reasons)
        stays = "Nothing is live" if live is None else f"{live} stays live"
        super().__init__(
            f"{version} was not made live:{listed}\n{stays}; `shelfwise publish {version} --force` publishes it anyway."
        )


def publish(store: BundleStore, version: str, *, force: bool = False) -> None:
    """Make `version` the live one, after checking every file (see `BundleStore.verify`) and every gate.

    Services load it within seconds, and check the sha256 of the files. `force`: skip the gates, but not the files. Making the
    live version live again changes nothing.

    Raises:
        Refused: a gate refuses it.
        BundleMissing, BundleDamaged, BundleMismatch: there is no such bundle, or it is incomplete.
    """
    store.verify(version)
    if not force and (reasons := refusals(store.manifest(version), live_manifest(store))):
        raise Refused(version, reasons, store.live())
    store.publish(version)


def rollback(store: BundleStore) -> str:
    """Make the previously live version live again and return it. Doing it twice returns to the initial state.

    Raises:
        BundleMissing: none was live before, or it is no longer kept.
        BundleDamaged, BundleMismatch: it cannot be served.
    """
    version = store.previous()
    if version is None or version == store.live():  # the same if a publishing was killed halfway
        raise BundleMissing("expected a bundle that was live before the present one, found none; nothing was changed")
    store.verify(version)
    store.publish(version)
    return version


def live_manifest(store: BundleStore) -> Manifest | None:
    """Return the live manifest; None if nothing is live, or nothing that this release can read."""
    try:
        return store.manifest(store.current())
    except BundleError:
        return None
