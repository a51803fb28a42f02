"""A compacted catalog answers like one built of the same products, and loses no change made during the compaction."""

import asyncio
import random
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.filter import Filter, Range
from shelfwise_retriever.changes import compaction, when_worn
from shelfwise_retriever.changes.changing import Changing
from shelfwise_retriever.changes.compaction import Snapshot, compact
from shelfwise_retriever.indexes import Indexes
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.sources.lexical import LexicalSource
from tests.support.catalog import SHELF, vector_of

from .test_changes import FILTERS, QUESTIONS, asked, change, changed_and_new, drawn, opened, remove


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Retriever, Retriever]:
    changed, new = changed_and_new(tmp_path_factory.mktemp("both"), 900)
    asyncio.run(compact(changed))
    return changed, new


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("per_text", [None, 2])
def test_a_compacted_catalog_answers_like_a_new_build(
    both: tuple[Retriever, Retriever], text: str, wanted: Filter | None, per_text: int | None
) -> None:
    found = [
        retriever.retrieve(kind="text", text=text, vector=vector_of(text), filter=wanted, limit=40, per_text=per_text)
        for retriever in both
    ]
    assert found[0].ids == found[1].ids
    for source in ("dense", "lexical"):
        np.testing.assert_array_equal(found[0].scores[source], found[1].scores[source])


def test_a_compacted_catalog_has_no_wear(both: tuple[Retriever, Retriever]) -> None:
    changing = both[0].changing
    assert changing is not None
    assert changing.indexes.wear == 0
    assert changing.indexes.texts.empty == changing.indexes.documents.empty == changing.indexes.lexical.live == 0


async def _compacted(changing: Changing, before: Indexes) -> None:
    """Returns when other indexes than `before` are served, or after five seconds."""
    for _ in range(500):
        if changing.indexes is not before:
            break
        await asyncio.sleep(0.01)


async def test_changes_during_a_compaction_are_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    built = Snapshot.built

    def with_changes(snapshot: Snapshot) -> Indexes:
        """Makes, in the same thread, the changes that the event loop makes while another thread builds."""
        change(retriever, {"product_id": "k1", "title": "Zyxnova kettle", "category": []})
        change(retriever, {**SHELF[0], "title": "Tortilla chips"})
        change(retriever, {"product_id": "k2", "title": "Gone again", "category": []})
        change(retriever, {"product_id": "k3", "title": "Potato chips", "category": ["Food", "Snacks"], "price": 1.0})
        remove(retriever, "k2")
        remove(retriever, "corn-1")
        return built(snapshot)

    monkeypatch.setattr(Snapshot, "built", with_changes)
    await compact(retriever)
    found = retriever.retrieve(kind="text", text="zyxnova kettle", vector=vector_of("Zyxnova kettle"), limit=20)
    assert found.ids[0] == "k1"
    assert set(found.ids) == {product["product_id"] for product in SHELF} - {"corn-1"} | {"k1", "k3"}
    chips = retriever.retrieve(kind="text", text="potato chips").ids
    assert chips[:3] == ["chips-2", "chips-3", "k3"]
    assert retriever.retrieve(kind="text", text="tortilla").ids == ["chips-1"]
    assert retriever.retrieve(kind="text", text="chips", filter=Filter(price=Range(max=1))).ids == ["k3"]
    change(retriever, {"product_id": "k4", "title": "Zyxnova lamp", "category": []})
    assert set(retriever.retrieve(kind="text", text="zyxnova").ids) == {"k1", "k4"}


async def test_leftovers_of_a_killed_compaction_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    files = tmp_path / "temporary"
    left = files / ".shelfwise-compaction-killed.arriving"
    left.mkdir(parents=True)
    (left / "meta.json").write_text("{}")
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    await compact(retriever)
    assert not list(files.iterdir())


async def test_a_product_added_and_removed_during_a_compaction_does_not_disturb_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    built = Snapshot.built

    def with_changes(snapshot: Snapshot) -> Indexes:
        change(retriever, {"product_id": "k1", "title": "Gone again", "category": []})
        remove(retriever, "k1")
        return built(snapshot)

    monkeypatch.setattr(Snapshot, "built", with_changes)
    await compact(retriever)
    assert retriever.retrieve(kind="text", text="chips", filter=Filter(price=Range(max=2))).ids == ["chips-1"]
    assert retriever.retrieve(kind="text", text="chips", only=["corn-1"]).ids == ["corn-1"]
    change(retriever, {"product_id": "k2", "title": "Zyxnova lamp", "category": [], "price": 1.0})
    assert retriever.retrieve(kind="text", text="zyxnova", filter=Filter(price=Range(max=2))).ids == ["k2"]


async def test_texts_changed_during_a_compaction_are_found_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    built = Snapshot.built

    def with_changes(snapshot: Snapshot) -> Indexes:
        for number, product in enumerate(SHELF):
            change(retriever, {**product, "title": f"Zyxnova {number}", "brand": "Zyx"})
        return built(snapshot)

    monkeypatch.setattr(Snapshot, "built", with_changes)
    await compact(retriever)
    found = retriever.retrieve(kind="text", text="zyxnova", limit=20)
    assert set(found.ids) == {product["product_id"] for product in SHELF}
    assert retriever.retrieve(kind="text", text="chips").ids == []


async def test_a_worn_catalog_is_compacted_automatically(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(when_worn, "FEWEST", 20)
    monkeypatch.setattr(when_worn, "_LOOK_S", 0.01)
    draw = random.Random(1)
    products: list[dict[str, Any]] = [drawn(draw, f"p{number}") for number in range(100)]
    retriever = opened(tmp_path / "shelf", products)
    assert retriever.changing is not None
    worn = retriever.changing.indexes
    task = asyncio.create_task(when_worn.compact_when_worn(lambda: retriever))
    try:
        await asyncio.sleep(0.05)
        assert retriever.changing.indexes is worn
        for number in range(60):
            change(retriever, {"product_id": f"n{number}", "title": f"Novelty {number}", "category": []})
        await _compacted(retriever.changing, worn)
        assert retriever.changing.indexes.wear == 0
        assert len(retriever.retrieve(kind="text", text="novelty").ids) == 60
    finally:
        task.cancel()


async def test_a_catalog_without_recent_changes_is_compacted_with_less_wear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FEWEST_AT_REST": 1, "AT_REST_S": 0.2, "_LOOK_S": 0.01}.items():
        monkeypatch.setattr(when_worn, name, value)
    draw = random.Random(1)
    retriever = opened(tmp_path / "shelf", [drawn(draw, f"p{number}") for number in range(100)])
    assert retriever.changing is not None
    built = retriever.changing.indexes
    task = asyncio.create_task(when_worn.compact_when_worn(lambda: retriever))
    try:
        for number in range(8):
            change(retriever, {"product_id": f"n{number}", "title": f"Novelty {number}", "category": []})
            await asyncio.sleep(0.05)
        assert retriever.changing.indexes is built
        await _compacted(retriever.changing, built)
        assert retriever.changing.indexes.wear == 0
        assert len(retriever.retrieve(kind="text", text="novelty").ids) == 8
    finally:
        task.cancel()


async def test_a_compacted_empty_catalog_accepts_new_products(tmp_path: Path) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    for product in SHELF:
        remove(retriever, product["product_id"])
    await compact(retriever)
    assert asked(retriever, "chips").ids == []
    change(retriever, {"product_id": "k1", "title": "Potato chips", "category": []})
    assert retriever.retrieve(kind="text", text="potato chips", sources=["lexical", "spelled"]).ids == ["k1"]
    assert asked(retriever, "potato chips").ids == ["k1"]


@pytest.mark.parametrize("step", ["trained", "build_lexical"])
async def test_a_cancelled_compaction_ends_at_its_next_step_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    retriever = opened(tmp_path / "shelf", SHELF)
    assert retriever.changing is not None
    before = retriever.changing.indexes
    reached, given_up = threading.Event(), threading.Event()
    done, loaded = getattr(compaction, step), list[Path]()

    def held(*arguments: Any) -> Any:
        reached.set()
        assert given_up.wait(5)
        return done(*arguments)

    monkeypatch.setattr(compaction, step, held)
    monkeypatch.setattr(LexicalSource, "load", lambda folder, *_: loaded.append(folder))
    task = asyncio.create_task(compact(retriever))
    assert await asyncio.to_thread(reached.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    given_up.set()
    await asyncio.get_running_loop().shutdown_default_executor()  # as the end of the process does
    assert loaded == []
    assert retriever.changing.indexes is before
    assert asked(retriever, "potato chips").ids[0] == "chips-1"
