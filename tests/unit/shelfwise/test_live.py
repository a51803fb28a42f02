"""A service follows the published bundle and never drops what it serves for something worse."""

import asyncio
import errno
import time
from pathlib import Path

import pytest

from shelfwise.app import Live
from shelfwise.bundle import BundleStore, Part
from shelfwise.bundle.arriving import arriving
from shelfwise.errors import BundleMismatch, NotReady
from shelfwise.tasks import ended

from .test_bundle import write


class Loader:
    """Counts its calls; refuses the versions it is told to."""

    def __init__(self) -> None:
        self.refuses: dict[str, Exception] = {}
        self.calls: list[str] = []

    def __call__(self, part: Part) -> str:
        self.calls.append(part.version)
        if part.version in self.refuses:
            raise self.refuses[part.version]
        return f"engine of {part.version}"


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def live(tmp_path: Path, loader: Loader) -> Live[str]:
    return Live(BundleStore(str(tmp_path)), "encoder", loader, poll_s=60)


async def test_a_service_is_not_ready_until_a_bundle_is_published(tmp_path: Path, live: Live[str]) -> None:
    await live.refresh()
    assert not live.ready
    with pytest.raises(NotReady, match="expected a published bundle"):
        _ = live.engine
    write(str(tmp_path))
    BundleStore(str(tmp_path)).publish("v1")
    await live.refresh()
    assert (live.engine, live.version, live.problem) == ("engine of v1", "v1", None)


async def test_a_new_version_is_swapped_in_and_loaded_once(tmp_path: Path, live: Live[str], loader: Loader) -> None:
    store = BundleStore(str(tmp_path))
    for version in ("v1", "v2"):
        write(str(tmp_path), version)
        store.publish(version)
        await live.refresh()
        await live.refresh()
    assert live.engine == "engine of v2"
    assert live.built_at == store.manifest("v2").created_at
    assert loader.calls == ["v1", "v2"]


@pytest.mark.parametrize("refusal", [BundleMismatch("other features"), RuntimeError("libfaiss: bad magic")])
async def test_a_refused_version_leaves_the_old_one_serving(
    tmp_path: Path, live: Live[str], loader: Loader, refusal: Exception
) -> None:
    store = BundleStore(str(tmp_path))
    write(str(tmp_path), "v1")
    store.publish("v1")
    await live.refresh()
    loader.refuses["v2"] = refusal
    write(str(tmp_path), "v2")
    store.publish("v2")
    await live.refresh()
    await live.refresh()
    assert (live.engine, live.version) == ("engine of v1", "v1")
    assert live.problem
    assert loader.calls == ["v1", "v2"]

    store.publish("v1")
    await live.refresh()
    assert live.problem is None


async def test_a_damaged_version_leaves_the_old_one_serving(tmp_path: Path, live: Live[str]) -> None:
    store = BundleStore(str(tmp_path))
    for version in ("v1", "v2"):
        write(str(tmp_path), version)
    store.publish("v1")
    await live.refresh()
    (tmp_path / "v2" / "encoder" / "query.onnx").write_bytes(b"Weights")
    store.publish("v2")
    await live.refresh()
    assert live.engine == "engine of v1"
    assert "expected sha256" in str(live.problem)


async def test_unreachable_storage_is_tried_again(tmp_path: Path, live: Live[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(str(tmp_path))
    BundleStore(str(tmp_path)).publish("v1")

    def unreachable(store: BundleStore, version: str, part: str) -> Part:
        raise ConnectionError("no route to storage")

    with monkeypatch.context() as patch:
        patch.setattr(BundleStore, "open", unreachable)
        await live.refresh()
    assert "no route to storage" in str(live.problem)
    await live.refresh()
    assert live.engine == "engine of v1"


async def test_a_bundle_without_room_on_disk_is_not_fetched_again_at_every_poll(
    tmp_path: Path, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BundleStore(str(tmp_path))
    write(str(tmp_path))
    store.publish("v1")
    fetched: list[float] = []

    def full(store: BundleStore, version: str, part: str) -> Part:
        fetched.append(time.monotonic())
        raise OSError(errno.ENOSPC, "No space left on device")

    live: Live[str] = Live(store, "encoder", loader, poll_s=0.01)
    with monkeypatch.context() as patch:
        patch.setattr(BundleStore, "open", full)
        following = asyncio.create_task(live.follow())
        await asyncio.sleep(0.5)
    assert 2 <= len(fetched) <= 7
    assert "No space left" in str(live.problem)
    async with asyncio.timeout(5):
        while not live.ready:  # noqa: ASYNC110 - nothing signals it
            await asyncio.sleep(0.01)
    await ended(following)


@pytest.mark.parametrize("refusal", [BundleMismatch("schema 5"), RuntimeError("libfaiss: bad magic")])
async def test_a_fresh_service_serves_the_version_before_one_that_it_cannot_use(
    tmp_path: Path, live: Live[str], loader: Loader, refusal: Exception
) -> None:
    store = BundleStore(str(tmp_path))
    for version in ("v1", "v2", "v3"):
        write(str(tmp_path), version)
    store.publish("v1")
    store.publish("v2")
    loader.refuses["v2"] = refusal
    await live.refresh()
    await live.refresh()
    assert (live.engine, live.version, live.ready) == ("engine of v1", "v1", True)
    assert live.problem
    assert loader.calls == ["v2", "v1"]

    store.publish("v3")
    await live.refresh()
    assert live.engine == "engine of v3"
    assert live.problem is None


async def test_nothing_is_served_when_the_version_before_cannot_be_used_either(
    tmp_path: Path, live: Live[str], loader: Loader
) -> None:
    store = BundleStore(str(tmp_path))
    for version in ("v1", "v2"):
        write(str(tmp_path), version)
        store.publish(version)
        loader.refuses[version] = BundleMismatch(f"schema of {version}")
    await live.refresh()
    await live.refresh()
    assert (live.ready, live.problem) == (False, "schema of v2")
    assert loader.calls == ["v2", "v1"]


async def test_fetched_parts_of_versions_older_than_the_last_are_removed(tmp_path: Path, loader: Loader) -> None:
    address, cache = f"memory://{tmp_path.name}", tmp_path / "cache"
    store = BundleStore(address, cache)
    live = Live(store, "encoder", loader, poll_s=60)
    of_another = cache / "v1" / "ranker"
    of_another.mkdir(parents=True)
    with arriving(cache, "v4") as being_fetched:
        for version in ("v1", "v2", "v3"):
            write(address, version)
            store.publish(version)
            await live.refresh()
        assert being_fetched.exists()
    assert loader.calls == ["v1", "v2", "v3"]
    assert not (cache / "v1" / "encoder").exists()
    assert (cache / "v2" / "encoder").exists(), "a rollback fetches nothing"
    assert (cache / "v3" / "encoder").exists()
    assert of_another.exists()


async def test_a_served_bundle_has_no_problem_from_the_first_moment_on(
    tmp_path: Path, live: Live[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(str(tmp_path))
    BundleStore(str(tmp_path)).publish("v1")
    seen: list[tuple[bool, str | None]] = []
    monkeypatch.setattr(BundleStore, "spare_cache", lambda *_: seen.append((live.ready, live.problem)))
    await live.refresh()
    assert seen == [(True, None)]
