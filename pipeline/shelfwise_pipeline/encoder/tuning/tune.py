"""A tuned checkpoint beside the one that it was made of, made once for the same judgements and kept."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl
from safetensors.numpy import save_file

from shelfwise_pipeline.encoder.build import BuiltEncoder, build_encoder
from shelfwise_pipeline.encoder.tuning.lessons import Lesson, Lessons, lessons_of
from shelfwise_pipeline.encoder.weights import TENSORS, Checkpoint, find_checkpoint
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.progress import Advance
from shelfwise_pipeline.shop import Shop

RECIPE: Final = 1
"""Raise it with every change of what is learned from the same lessons."""

SEED: Final = 7
FOLDER: Final = "tuned-"
OUTCOME: Final = "tuning.json"


class TuningUnavailable(PipelineError):
    """torch is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: mean NDCG@10 of judged lists that taught nothing, in the order of cosines."""

    queries: int
    before: float
    after: float

    @property
    def better(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """Which encoder a shop's bundle gets."""

    source: str | None
    """The folder or hub id of its checkpoint, that of the tuned one where it was tuned; None: the official one."""
    cache: Path
    """Where what is made of it is kept."""
    judgements: pl.DataFrame
    """What the ranker may learn from."""
    outcome: Outcome | None = None
    """None where nothing was tuned, for want of judgements."""

    def build(self, target: Path) -> BuiltEncoder:
        """Fill the folder of the encoder's part, see build_encoder."""
        return build_encoder(target, cache=self.cache, source=self.source)

    @property
    def summary(self) -> str:
        """What was decided and why, for whoever asked for a tuned encoder."""
        if self.outcome is None:
            return "the encoder stays as it is: to tune it takes some 1,200 judged queries, and there are fewer"
        figures = f"NDCG@10 of lists it has not seen {self.outcome.before:.4f} before, {self.outcome.after:.4f} after"
        if not self.outcome.better:
            return f"the encoder stays as it is: {self.outcome.queries} judged queries made it no better ({figures})"
        return f"the encoder is tuned on {self.outcome.queries} judged queries ({figures})"


def published(shop: Shop, cache: Path, source: str | None = None) -> EncoderChoice:
    """The encoder at `source` (a folder or hub id; None: the official one) as it is."""
    return EncoderChoice(source, cache, shop.judgements)


def tuned(shop: Shop, cache: Path, advance: Advance, source: str | None = None) -> EncoderChoice:
    """That encoder after it learned from half of the judged queries, where they are enough and it got better by that; else as
    it is. That takes a quarter of an hour on two processors for 5,000 queries, and nothing for the same judgements again.

    Raises:
        TuningUnavailable: torch is not installed.
        WeightsError: there is no usable encoder checkpoint.
    """
    lessons = lessons_of(shop)
    if not lessons.enough:
        return published(shop, cache, source)
    base = find_checkpoint(source)
    folder = cache / f"{FOLDER}{_digest(base, lessons)[:16]}"
    if not (folder / OUTCOME).is_file():
        _tune(base, lessons, folder, advance)
        _forget_others(folder)
    outcome = Outcome(**json.loads((folder / OUTCOME).read_text(encoding="utf-8")))
    if not outcome.better:
        return replace(published(shop, cache, source), outcome=outcome)
    return EncoderChoice(str(_checkpoint(folder, base)), folder, lessons.left, outcome)


def _tune(base: Checkpoint, lessons: Lessons, folder: Path, advance: Advance) -> None:
    try:
        from shelfwise_pipeline.encoder.tuning.learner import Learner
    except ModuleNotFoundError as error:
        raise TuningUnavailable(
            f"tuning the encoder needs the package {error.name!r}, found it not installed; "
            "run `pip install shelfwise-pipeline[tuning]`, or leave SHELFWISE_TUNE_ENCODER unset"
        ) from error
    learner = Learner(base.folder, SEED)
    before = learner.quality(lessons.choosing)
    learner.teach(lessons.teaching, advance)
    outcome = Outcome(len(lessons.teaching), before, learner.quality(lessons.choosing))
    if outcome.better:
        target = _checkpoint(folder, base)
        shutil.copytree(base.folder, target, ignore=shutil.ignore_patterns(TENSORS, "README.md"), dirs_exist_ok=True)
        save_file(dict(learner.tensors()), target / TENSORS)
    folder.mkdir(parents=True, exist_ok=True)
    # The last: what is without it was not finished, and is done again.
    (folder / OUTCOME).write_text(json.dumps(asdict(outcome)), encoding="utf-8")


def _checkpoint(folder: Path, base: Checkpoint) -> Path:
    """A checkpoint is called after its folder."""
    return folder / f"{base.name.rsplit('/', 1)[-1]}-tuned"


def _digest(base: Checkpoint, lessons: Lessons) -> str:
    """Of everything that decides what is learned."""
    digest = hashlib.sha256(f"{RECIPE} {SEED} {base.digest}".encode())
    for part in (lessons.teaching, lessons.choosing):
        digest.update(json.dumps([_plain(lesson) for lesson in part]).encode())
    return digest.hexdigest()


def _plain(lesson: Lesson) -> tuple[Any, ...]:
    return lesson.query, lesson.texts, lesson.grades.tolist()


def _forget_others(folder: Path) -> None:
    """Of other judgements; each takes a quarter of a gigabyte with what was made of it."""
    for other in folder.parent.glob(f"{FOLDER}*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
