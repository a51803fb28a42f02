"""Which bundles may go live, how one rolls back, and what is removed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from numpy.typing import NDArray

from shelfwise.bundle import BundleStore, BundleWriter
from shelfwise.bundle.arriving import arriving
from shelfwise.errors import BundleDamaged, BundleMissing
from shelfwise_pipeline.building import retention
from shelfwise_pipeline.building.retention import keep_newest, sweep
from shelfwise_pipeline.evaluation.rows import BEFORE, rows_of
from shelfwise_pipeline.publishing.publish import Refused, publish, rollback

GOOD: dict[str, Any] = {
    "ndcg": 0.31,
    "gain": 0.10,
    "recall": 0.99,
    "overlap": 0.98,
    "products": 1000,
    "from": "events",
}


def figures(mean: float) -> NDArray[np.float64]:
    """The figures of a hundred questions; the 95 % interval of their mean reaches 0.02 to either side."""
    return mean + np.tile([0.1, -0.1], 50)


def rows(ndcg: float, gain: float) -> list[dict[str, Any]]:
    """A model's rows as an evaluation writes them; `gain` is its mean distance from the order of retrieval."""
    systems = {"ranker": figures(ndcg), "retrieval order": figures(ndcg) - figures(gain), "random": figures(0.5)}
    found = rows_of("text, purchases", ["ndcg@10"], {name: {"ndcg@10": values} for name, values in systems.items()}, "ranker")
    return [row.as_json() for row in found]


def build(address: Path | str, version: str, **changed: Any) -> None:
    told = GOOD | changed
    with BundleWriter(str(address), version) as writer:
        (writer.part("encoder") / "query.onnx").write_bytes(b"weights")
        writer.finish(
            data_fingerprint="f",
            last_change=7,
            encoder={"fidelity": {"overlap_at_10": told["overlap"]}},
            catalog={"products": told["products"], "index": {"recall_at_100": told["recall"]}},
            features={},
            evaluation={"trained_on": {"text": told["from"]}, "rows": told.get("rows") or rows(told["ndcg"], told["gain"])},
        )


@pytest.fixture
def store(tmp_path: Path) -> BundleStore:
    build(tmp_path, "v1")
    store = BundleStore(str(tmp_path))
    publish(store, "v1")
    return store


@pytest.fixture
def memory() -> Iterator[str]:
    """Shared storage, as fsspec sees it."""
    yield "memory://kept"
    fsspec.filesystem("memory").rm("/kept", recursive=True)


def test_a_bundle_as_good_as_the_live_one_goes_live(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2", ndcg=0.30)
    publish(store, "v2")
    assert (store.current(), store.previous()) == ("v2", "v1")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ndcg": 0.25}, r"ndcg@10 is 0.250 \(0.230 to 0.270\), the live bundle's 0.310 \(0.290 to 0.330\)"),
        ({"gain": -0.05}, r"below the retrieval order's by 0.050 \(95 % interval 0.030 to 0.070\)"),
        ({"recall": 0.9}, "recall@100 of 0.900, expected at least 0.95"),
        ({"overlap": 0.9}, "overlap@10 with the exact one is 0.900, expected at least 0.95"),
        ({"products": 499}, "it has 499 products, the live bundle has 1,000"),
        ({"from": "catalog"}, "'text' questions learned from catalog, the live one from events"),
    ],
)
def test_a_worse_bundle_is_refused_with_its_figures_unless_forced(
    store: BundleStore, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    build(tmp_path, "v2", **changed)
    with pytest.raises(Refused, match=said) as refused:
        publish(store, "v2")
    assert len(refused.value.reasons) == 1
    assert "v1 stays live; `shelfwise publish v2 --force` publishes" in str(refused.value)
    assert store.current() == "v1"
    publish(store, "v2", force=True)
    assert store.current() == "v2"


def test_a_ranker_not_surely_below_the_order_of_retrieval_goes_live(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2", gain=-0.01)
    publish(store, "v2")
    assert store.current() == "v2"


@pytest.mark.parametrize(("changed", "said"), [({"ndcg": 0.25}, "the live bundle's 0.310"), ({"gain": -0.05}, "by 0.050")])
def test_figures_measured_before_learning_from_the_log_count(
    store: BundleStore, tmp_path: Path, changed: dict[str, float], said: str
) -> None:
    measured = rows(**{"ndcg": 0.31, "gain": 0.10} | changed)
    build(tmp_path, "v2", rows=[row | {"system": row["system"].replace("ranker", BEFORE)} for row in measured])
    with pytest.raises(Refused, match=said):
        publish(store, "v2")


def test_a_day_0_ranker_is_not_compared_with_the_order_of_retrieval(store: BundleStore, tmp_path: Path) -> None:
    values = {"day-0 ranker": figures(0.2), "retrieval order": figures(0.4)}
    found = rows_of("text, catalog", ["ndcg@10"], {name: {"ndcg@10": one} for name, one in values.items()}, "day-0 ranker")
    build(tmp_path, "v2", rows=[row.as_json() for row in found])
    publish(store, "v2")
    assert store.current() == "v2"


def test_all_reasons_for_a_refusal_are_given_at_once(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2", recall=0.5, products=3)
    with pytest.raises(Refused) as refused:
        publish(store, "v2")
    assert len(refused.value.reasons) == 2


def test_the_first_bundle_is_refused_if_its_own_figures_are_too_low(tmp_path: Path) -> None:
    build(tmp_path, "v1", recall=0.5)
    store = BundleStore(str(tmp_path))
    with pytest.raises(Refused, match=r"recall[\s\S]*Nothing is live; `shelfwise publish v1 --force`"):
        publish(store, "v1")
    assert store.live() is None


def test_a_damaged_bundle_does_not_go_live_even_by_force(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2")
    (tmp_path / "v2" / "encoder" / "query.onnx").write_bytes(b"weighty")
    with pytest.raises(BundleDamaged, match="expected sha256"):
        publish(store, "v2", force=True)
    assert store.current() == "v1"


def test_a_live_bundle_of_an_older_release_does_not_prevent_publishing(store: BundleStore, tmp_path: Path) -> None:
    manifest = tmp_path / "v1" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_number": 0}))
    build(tmp_path, "v2", ndcg=0.1)
    publish(store, "v2")
    assert store.current() == "v2"


def test_rollback_goes_back_one_step_and_a_second_one_undoes_it(store: BundleStore, tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="live before"):
        rollback(store)
    build(tmp_path, "v2")
    publish(store, "v2")
    publish(store, "v2")  # once more: v1 stays the previous one
    assert rollback(store) == "v1"
    assert (store.current(), store.previous()) == ("v1", "v2")
    assert rollback(store) == "v2"


def test_rollback_to_a_damaged_bundle_changes_nothing(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2")
    publish(store, "v2")
    (tmp_path / "v1" / "encoder" / "query.onnx").write_bytes(b"weighty")
    with pytest.raises(BundleDamaged, match="expected sha256"):
        rollback(store)
    assert (store.current(), store.previous()) == ("v2", "v1")


def test_rollback_after_a_publish_killed_half_way_finds_no_previous_bundle(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2")
    (tmp_path / "previous").write_text(f"{store.current()}\n")
    with pytest.raises(BundleMissing, match="live before"):
        rollback(store)
    publish(store, "v2")
    assert rollback(store) == "v1"


def test_keep_newest_keeps_the_live_and_the_previous_bundle_too(store: BundleStore, tmp_path: Path) -> None:
    build(tmp_path, "v2")
    publish(store, "v2")
    for version in ("v3", "v4", "v5"):
        build(tmp_path, version)
    assert keep_newest(str(tmp_path), 2) is None
    assert store.versions() == ["v1", "v2", "v4", "v5"]


def test_keep_newest_keeps_the_same_bundles_on_shared_storage(memory: str) -> None:
    build(memory, "v1")
    store = BundleStore(memory)
    publish(store, "v1")
    for version in ("v2", "v3", "v4", "v5"):
        build(memory, version)
        if version == "v2":
            publish(store, version)
    assert keep_newest(memory, 2) is None
    assert store.versions() == ["v1", "v2", "v4", "v5"]
    assert not fsspec.filesystem("memory").exists("/kept/v3")
    assert (store.current(), store.previous()) == ("v2", "v1")
    store.verify("v5")


def test_a_bundle_that_cannot_be_removed_is_reported_and_stays(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    for version in ("v1", "v2", "v3"):
        build(memory, version)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryFileSystem, "rm", denied)
        assert keep_newest(memory, 2) == (
            "expected to remove the old bundle v1, found: Access Denied; it and the newer ones stay"
        )
    assert BundleStore(memory).versions() == ["v1", "v2", "v3"]


def test_sweep_removes_old_unfinished_builds_and_keeps_running_ones(tmp_path: Path) -> None:
    build(tmp_path, "v1")
    for name in (".v2-a.arriving", "v4", "v5"):
        (tmp_path / name / "encoder").mkdir(parents=True)
        (tmp_path / name / "encoder" / "query.onnx").write_bytes(b"half of the wei")
    os.utime(tmp_path / "v4" / "encoder" / "query.onnx", (0, 0))
    with arriving(tmp_path, "v3") as running:
        assert sweep(str(tmp_path)) is None
        assert sorted(path.name for path in tmp_path.iterdir()) == [running.name, "v1", "v5"]


def test_files_of_others_beside_bundles_are_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the setting names a home folder, or a whole bucket."""
    monkeypatch.setattr(retention, "UNFINISHED_FOR", timedelta(0))
    for version in ("v1", "v2", "v3"):
        build(tmp_path, version)
    for part in ("catalog", "ranker"):
        (tmp_path / "v1" / part).mkdir()
        (tmp_path / "v1" / part / "file").write_text("of a complete bundle")
    for others in (
        "Documents/encoder/thesis.txt", "Documents/catalog.csv", "app/manifest.json", "app/index.html", ".trash/encoder/model",
    ):  # fmt: skip
        path = tmp_path / others
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of somebody else")
    (tmp_path / "empty").mkdir()
    assert sweep(str(tmp_path)) is None
    assert keep_newest(str(tmp_path), 2) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [".trash", "Documents", "app", "empty", "v2", "v3"]
    assert (tmp_path / "app" / "index.html").exists()


def test_a_file_managers_own_files_do_not_keep_an_old_bundle(tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        build(tmp_path, version)
    (tmp_path / "v1" / ".DS_Store").write_bytes(b"icons")
    assert keep_newest(str(tmp_path), 2) is None
    assert BundleStore(str(tmp_path)).versions() == ["v2", "v3"]


def test_shared_storage_is_swept_only_of_builds_unfinished_for_long(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    build(memory, "v1")
    store = fsspec.filesystem("memory")
    store.pipe_file("/kept/v2/encoder/query.onnx", b"half of the wei")
    assert sweep(memory) is None
    assert store.exists("/kept/v2"), "a build that is running"
    monkeypatch.setattr(retention, "UNFINISHED_FOR", timedelta(0))
    assert sweep(memory) is None
    assert [path for path in store.find("/kept") if "/v2/" in path] == []
    BundleStore(memory).verify("v1")


def test_verify_finds_truncated_and_missing_files_on_shared_storage_without_reading_them(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BundleWriter(memory, "v1") as writer:
        (writer.part("ranker") / "file").write_text("content")
        writer.finish(data_fingerprint="", last_change=0, encoder={}, catalog={}, features={}, evaluation={})
    filesystem, root = fsspec.core.url_to_fs(memory)
    filesystem.pipe_file(f"{root}/v1/ranker/file", b"cont")
    read = list[str]()

    def noted(name: str) -> Callable[..., Any]:
        original = getattr(MemoryFileSystem, name)

        def reading(filesystem: MemoryFileSystem, path: str, *more: Any, **named: Any) -> Any:
            read.append(Path(path).name)
            return original(filesystem, path, *more, **named)

        return reading

    for name in ("open", "cat_file"):
        monkeypatch.setattr(MemoryFileSystem, name, noted(name))
    with pytest.raises(BundleDamaged, match="'ranker/file' of bundle 'v1': expected 7 bytes, found 4; build it again"):
        BundleStore(memory).verify("v1")
    filesystem.rm(f"{root}/v1/ranker/file")
    with pytest.raises(BundleDamaged, match="bundle 'v1' lacks 'ranker/file'; build it again"):
        BundleStore(memory).verify("v1")
    assert set(read) == {"manifest.json"}


def test_sweep_of_a_missing_folder_does_nothing(tmp_path: Path) -> None:
    assert sweep(str(tmp_path / "none")) is None


def test_sweep_removes_the_temporary_files_of_a_killed_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / ".another-program.arriving").mkdir()
    builds = (
        "import sys; from shelfwise.bundle import BundleWriter\n"
        "with BundleWriter(sys.argv[1]) as writer: print(writer.part('encoder'), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", builds, tmp_path / "bundles"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        part = Path(process.stdout.readline().strip())
        assert sweep(str(tmp_path / "bundles")) is None
        assert part.exists()
        process.kill()
    assert part.exists()
    assert sweep(str(tmp_path / "bundles")) is None
    assert [path.name for path in tmp_path.iterdir()] == [".another-program.arriving"]
