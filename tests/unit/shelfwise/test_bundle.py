"""Bundles: written whole or not at all, checked to the last byte, refused with a reason."""

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from shelfwise.bundle import BundleStore, BundleWriter, Manifest
from shelfwise.bundle.arriving import arriving, clear
from shelfwise.errors import BundleDamaged, BundleMismatch, BundleMissing

FACTS = {
    "data_fingerprint": "f",
    "last_change": 7,
    "encoder": {},
    "catalog": {"products": 2},
    "features": {"text": ["dense"]},
    "evaluation": {},
}


def write(address: str, version: str = "v1") -> Manifest:
    with BundleWriter(address, version) as writer:
        (writer.part("encoder") / "query.onnx").write_bytes(b"weights")
        deep = writer.part("catalog") / "lexical"
        deep.mkdir()
        (deep / "segment").write_bytes(b"postings")
        return writer.finish(**FACTS)


@pytest.fixture
def store(tmp_path: Path) -> BundleStore:
    write(str(tmp_path))
    store = BundleStore(str(tmp_path))
    store.publish("v1")
    return store


def test_a_published_bundle_opens_part_by_part(store: BundleStore) -> None:
    part = store.open(store.current(), "catalog")
    assert (part.path / "lexical" / "segment").read_bytes() == b"postings"
    assert part.version == "v1"
    assert part.manifest.last_change == 7
    assert set(part.manifest.part_files("encoder")) == {"encoder/query.onnx"}


def test_without_a_published_bundle_bundle_missing_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="run `shelfwise build`"):
        BundleStore(str(tmp_path / "empty")).current()
    with pytest.raises(BundleMissing, match="known versions: none"):
        BundleStore(str(tmp_path / "empty")).manifest("v1")


def test_publishing_replaces_the_name_of_the_live_version_at_once(store: BundleStore, tmp_path: Path) -> None:
    write(str(tmp_path), "v2")
    with (tmp_path / "current").open() as before:
        store.publish("v2")
        assert (before.read(), store.current()) == ("v1\n", "v2"), "a reader sees one or the other, never half of it"


def test_a_blank_file_names_no_published_bundle(store: BundleStore, tmp_path: Path) -> None:
    (tmp_path / "current").write_text("\n")
    assert store.live() is None


def test_an_unknown_version_names_the_known_ones(store: BundleStore) -> None:
    with pytest.raises(BundleMissing, match=r"found no manifest.json; known versions: \['v1'\]"):
        store.publish("v2")
    assert store.current() == "v1"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda file: file.write_bytes(b"Postings"), "expected sha256"),
        (lambda file: file.write_bytes(b"post"), "expected 8 bytes, found 4"),
        (lambda file: file.unlink(), "lacks 'segment'"),
    ],
)
def test_a_damaged_part_is_refused_and_other_parts_still_open(
    store: BundleStore, tmp_path: Path, damage: "object", said: str
) -> None:
    assert callable(damage)
    damage(tmp_path / "v1" / "catalog" / "lexical" / "segment")
    with pytest.raises(BundleDamaged, match=said):
        store.open("v1", "catalog")
    assert store.open("v1", "encoder").path.name == "encoder"


def test_a_missing_part_is_refused(store: BundleStore) -> None:
    with pytest.raises(BundleDamaged, match="no part 'ranker'"):
        store.open("v1", "ranker")


def test_a_manifest_of_another_schema_is_refused(store: BundleStore, tmp_path: Path) -> None:
    path = tmp_path / "v1" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_number": 99}))
    with pytest.raises(BundleMismatch, match="has schema 99, this code reads schema 5"):
        store.manifest("v1")


def test_an_incomplete_manifest_is_refused(store: BundleStore, tmp_path: Path) -> None:
    path = tmp_path / "v1" / "manifest.json"
    path.write_text(path.read_text()[:40])
    with pytest.raises(BundleDamaged, match="is not a manifest"):
        store.manifest("v1")


@pytest.mark.parametrize("path", ["catalog/../../../site/module.pth", "/site/module.pth", "catalog/.."])
def test_a_manifest_that_names_a_file_outside_of_the_bundle_is_refused(tmp_path: Path, path: str) -> None:
    address, memory = f"memory://{tmp_path.name}", fsspec.filesystem("memory")
    written = write(address).model_dump(mode="json")
    written["files"][path] = written["files"]["catalog/lexical/segment"]
    memory.pipe_file(f"/{tmp_path.name}/v1/manifest.json", json.dumps(written).encode())
    for name in (path, f"v1/{path}"):
        memory.store[f"/{tmp_path.name}/{name}"] = memory.store[f"/{tmp_path.name}/v1/catalog/lexical/segment"]
    with pytest.raises(BundleDamaged, match="names a file outside of the bundle"):
        BundleStore(address, cache=tmp_path / "cache" / "bundles").open("v1", "catalog")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", ["../v1", "v1/../../v1", "/v1", ".", ""])
def test_a_version_that_leads_to_another_folder_is_refused(store: BundleStore, version: str) -> None:
    with pytest.raises(BundleMissing, match="expected a version of letters, digits"):
        store.open(version, "catalog")


@pytest.mark.parametrize("storage", ["", "memory://"])
def test_writing_a_version_that_exists_is_refused(tmp_path: Path, storage: str) -> None:
    write(f"{storage}{tmp_path}")
    with pytest.raises(FileExistsError, match="choose another version"):
        write(f"{storage}{tmp_path}")


def test_a_bundle_that_cannot_be_moved_into_place_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        write(str(tmp_path))


def test_leaving_the_writer_without_finish_leaves_no_files(tmp_path: Path) -> None:
    with BundleWriter(str(tmp_path), "v1") as writer:
        (writer.part("encoder") / "query.onnx").write_bytes(b"weights")
        assert writer.part("encoder").exists(), "it can be asked for again"
    assert list(tmp_path.iterdir()) == []
    assert not writer.folder.exists()


def test_writing_a_version_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"found '\.\./escape'"):
        BundleWriter(str(tmp_path), "../escape")


def test_a_remote_bundle_is_fetched_once_and_checked(tmp_path: Path) -> None:
    write("memory://bundles")
    remote = BundleStore("memory://bundles", cache=tmp_path)
    remote.publish("v1")
    assert remote.versions() == ["v1"]
    part = remote.open(remote.current(), "catalog")
    assert part.path == tmp_path / "v1" / "catalog"
    assert not (tmp_path / "v1" / "encoder").exists()

    fsspec.filesystem("memory").rm("/bundles/v1/catalog", recursive=True)
    assert remote.open("v1", "catalog").path == part.path
    (part.path / "lexical" / "segment").write_bytes(b"Postings")
    with pytest.raises(BundleDamaged):
        remote.open("v1", "catalog")


def test_a_bundle_at_a_chained_address_is_written_to_the_remote_storage(tmp_path: Path) -> None:
    write(f"filecache::memory://{tmp_path.name}")
    assert BundleStore(f"memory://{tmp_path.name}").versions() == ["v1"]


def test_a_remote_bundle_is_not_opened_without_a_cache_folder(tmp_path: Path) -> None:
    address = f"memory://{tmp_path.name}"
    write(address)
    with pytest.raises(BundleMissing, match="no cache folder is set; set SHELFWISE_BUNDLE_CACHE"):
        BundleStore(address).open("v1", "catalog")


def test_a_part_is_removed_from_the_cache_unless_it_is_served_or_was_published_before(tmp_path: Path) -> None:
    address = f"memory://{tmp_path.name}"
    cache = tmp_path / "cache"
    remote = BundleStore(address, cache)
    remote.spare_cache("catalog", ["v3"])
    for version in ("v1", "v2", "v3"):
        write(address, version)
        remote.publish(version)
        remote.open(version, "catalog")
    remote.open("v1", "encoder")
    for _ in range(2):
        remote.spare_cache("catalog", ["v3"])
        kept = sorted(path.relative_to(cache).as_posix() for path in cache.glob("*/*"))
        assert kept == ["v1/encoder", "v2/catalog", "v3/catalog"], "the encoder is another service's part"
    remote.spare_cache("encoder", ["v3"])
    assert sorted(path.name for path in cache.iterdir()) == ["v2", "v3"]


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(b""), lambda file: file.unlink()])
def test_a_part_that_is_damaged_in_the_cache_is_fetched_once_more(
    tmp_path: Path, damage: "object", caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(damage)
    address = f"memory://{tmp_path.name}"
    write(address)
    remote = BundleStore(address, cache=tmp_path)
    part = remote.open("v1", "catalog")
    damage(part.path / "lexical" / "segment")
    again = remote.open("v1", "catalog")
    assert [record.message for record in caplog.records] == ["a cached bundle part is damaged and is fetched again"]
    assert (again.path / "lexical" / "segment").read_bytes() == b"postings"
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


def test_a_part_that_arrives_damaged_is_refused_and_not_kept(tmp_path: Path) -> None:
    address = f"memory://{tmp_path.name}"
    write(address)
    fsspec.filesystem("memory").pipe_file(f"/{tmp_path.name}/v1/catalog/lexical/segment", b"Postings")
    with pytest.raises(BundleDamaged, match="expected sha256"):
        BundleStore(address, cache=tmp_path).open("v1", "catalog")
    assert list(tmp_path.iterdir()) == []


def test_two_stores_that_share_a_cache_can_fetch_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"memory://{tmp_path.name}"
    write(address)
    both, in_turn, get = threading.Barrier(2), threading.Lock(), MemoryFileSystem.get_file

    def get_together(*asked: object, **how: object) -> None:
        with in_turn:  # files in memory have one position for all their readers
            get(*asked, **how)
        both.wait(5)

    monkeypatch.setattr(MemoryFileSystem, "get_file", get_together)
    opened: list[Path] = []
    threads = [
        threading.Thread(target=lambda: opened.append(BundleStore(address, cache=tmp_path).open("v1", "catalog").path))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [tmp_path / "v1" / "catalog"] * 2
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "v1/catalog/lexical/segment"
    ]


def test_folders_of_killed_processes_are_removed_and_those_in_use_stay(tmp_path: Path) -> None:
    copies = (
        "import sys; from pathlib import Path; from shelfwise.bundle.arriving import arriving\n"
        "with arriving(Path(sys.argv[1]), 'v1') as folder: print(folder, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", copies, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        clear(tmp_path)
        assert folder.exists()
        process.kill()
    assert folder.exists()
    address = f"memory://{tmp_path.name}"
    write(address)
    BundleStore(address, tmp_path).spare_cache("encoder", ["v1"])
    assert not folder.exists()


def test_clear_leaves_folders_of_other_accounts_links_and_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, target = tmp_path / ".v1-mine.arriving", tmp_path / "target"
    for folder in (mine, target):
        folder.mkdir()
    (tmp_path / ".v1-link.arriving").symlink_to(target)
    (tmp_path / ".v1-file.arriving").touch()
    monkeypatch.setattr(os, "geteuid", lambda: mine.stat().st_uid + 1)
    clear(tmp_path)
    assert mine.exists()
    monkeypatch.setattr(os, "geteuid", lambda: mine.stat().st_uid)
    clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".v1-link.arriving", ".v1-file.arriving", "target"}


def test_two_builds_of_one_version_do_not_take_each_others_files(tmp_path: Path) -> None:
    with arriving(tmp_path, "v1") as other:
        (other / "query.onnx").write_bytes(b"half")
        (other / "manifest.json").write_bytes(b"half")
        write(str(tmp_path))
        assert BundleStore(str(tmp_path)).versions() == ["v1"]
        assert (other / "query.onnx").read_bytes() == b"half"
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]
    modes = {folder.stat().st_mode for folder in (tmp_path / "v1", tmp_path / "v1" / "encoder")}
    assert len(modes) == 1, "the accounts that services run as enter both"


def test_two_builds_that_begin_in_one_second_get_different_versions(tmp_path: Path) -> None:
    with BundleWriter(str(tmp_path)) as one, BundleWriter(str(tmp_path)) as other:
        other.version = one.version  # whatever the clock did in between
        began = one.version
        first, second = (writer.finish(**FACTS) for writer in (one, other))
    assert began == first.version < second.version == other.version
    assert BundleStore(str(tmp_path)).versions() == [first.version, second.version]


def test_a_file_in_place_of_the_bundles_folder_raises_file_exists_error(tmp_path: Path) -> None:
    (tmp_path / "bundles").touch()
    with BundleWriter(f"{tmp_path}/bundles") as writer, pytest.raises(FileExistsError, match="File exists"):
        writer.finish(**FACTS)


def test_a_bundle_written_while_another_was_copied_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copytree

    def slow(source: Path, target: Path, **how: Any) -> Any:
        with monkeypatch.context() as faster:
            faster.setattr("shelfwise.bundle.writer.shutil.copytree", copy)
            write(str(tmp_path))
        return copy(source, target, **how)

    monkeypatch.setattr("shelfwise.bundle.writer.shutil.copytree", slow)
    with BundleWriter(str(tmp_path), "v1") as late, pytest.raises(FileExistsError, match="bundle 'v1' exists"):
        late.finish(**FACTS)
    assert BundleStore(str(tmp_path)).manifest("v1").files


def test_writing_to_a_full_disk_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(source: Path, target: Path, **_: object) -> None:
        (target / "query.onnx").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", half)
    with pytest.raises(OSError, match="No space left"):
        write(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
