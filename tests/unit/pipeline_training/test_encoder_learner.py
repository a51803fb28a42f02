"""The real encoder learns words that it cannot know, and the tuned encoder is served."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from shelfwise_embedder.encode import encode
from shelfwise_pipeline.encoder.build import build_encoder
from shelfwise_pipeline.encoder.tuning.learner import Learner
from shelfwise_pipeline.encoder.tuning.lessons import Lesson
from shelfwise_pipeline.encoder.weights import TENSORS, find_checkpoint

THINGS = ["desk lamp", "garden hose", "bath towel", "wall clock", "paint brush", "door mat", "ice tray", "tool box"]
CODES = ["qorv", "blent", "zix", "marp", "twell", "gaunk", "drobe", "spiv"]
"""What the shoppers of this shop call the things."""

Taught = tuple[Learner, float, list[tuple[int, int | None]]]
"""The encoder after its lessons, its quality before, and the progress that it reported."""

pytestmark = pytest.mark.weights


def lessons(sizes: tuple[str, ...]) -> list[Lesson]:
    grades = 3 * np.eye(len(THINGS), dtype=np.float32)
    return [
        Lesson(f"{code} {size}", [f"{thing} {size}" for thing in THINGS], grades[place])
        for size in sizes
        for place, code in enumerate(CODES)
    ]


@pytest.fixture(scope="module")
def taught() -> Taught:
    one, told = Learner(find_checkpoint().folder, seed=1), []
    before = one.quality(lessons(("xl",)))
    one.teach(lessons(tuple(f"{size} in" for size in range(40))), lambda done, total: told.append((done, total)))
    return one, before, told


def test_a_tuned_encoder_orders_unseen_lists_better(taught: Taught) -> None:
    one, before, told = taught
    assert before < 0.7
    assert one.quality(lessons(("xl",))) > before + 0.2
    assert told == [(step, 20) for step in range(1, 21)]


def test_only_the_upper_layers_learn(taught: Taught) -> None:
    official, now = find_checkpoint().tensors(), taught[0].tensors()
    assert set(now) <= set(official)
    assert {name for name in official if name not in now} <= {"embeddings.position_ids"}
    changed = {name for name in now if not np.array_equal(now[name], official[name])}
    assert {name.split(".")[2] for name in changed} == {"3", "4", "5"}


def test_the_built_encoder_serves_what_was_learned(taught: Taught, tmp_path: Path) -> None:
    folder, base = tmp_path / "mine", find_checkpoint().folder
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns(TENSORS))
    save_file(dict(taught[0].tensors()), folder / TENSORS)
    built = build_encoder(tmp_path / "encoder", cache=tmp_path / "cache", source=str(folder))
    assert built.description.space.model.startswith("mine@")
    codes, things = encode(built.engine, CODES, "query"), encode(built.engine, THINGS, "document")
    assert (np.argmax(codes @ things.T, axis=1) == np.arange(len(THINGS))).mean() > 0.7
    precise = encode(built.engine, CODES, "document")
    assert (codes * precise).sum(axis=1).min() > 0.98
