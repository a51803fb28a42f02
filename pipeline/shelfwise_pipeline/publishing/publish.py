"""Going live, and one step back."""

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
            f"{version} was not made live:{listed}\n{stays}; `shelfwise publish {version} --force` publishes in spite of this."
        )


def publish(store: BundleStore, version: str, *, force: bool = False) -> None:
    """Make `version` the live one, after every file (see `BundleStore.verify`) and every gate was checked.

    Services take it over in seconds, and check the sha256 of what they load. `force`: the gates are not asked, the files are.
    Making the live version live again changes nothing.

    Raises:
        Refused: a gate says no.
        BundleMissing, BundleDamaged, BundleMismatch: there is no such bundle, or not a whole one.
    """
    store.verify(version)
    if not force and (reasons := refusals(store.manifest(version), live_manifest(store))):
        raise Refused(version, reasons, store.live())
    store.publish(version)


def rollback(store: BundleStore) -> str:
    """Make the version live that was so before the present one; returns it. Doing it twice returns to where it began.

    Raises:
        BundleMissing: none was live before, or it is not kept any more.
        BundleDamaged, BundleMismatch: it cannot be served.
    """
    version = store.previous()
    if version is None or version == store.live():  # the same, where a publishing was killed half-way
        raise BundleMissing("expected a bundle that was live before the present one, found none; nothing was changed")
    store.verify(version)
    store.publish(version)
    return version


def live_manifest(store: BundleStore) -> Manifest | None:
    """What is live; None when nothing is, or nothing that this release can read."""
    try:
        return store.manifest(store.current())
    except BundleError:
        return None
