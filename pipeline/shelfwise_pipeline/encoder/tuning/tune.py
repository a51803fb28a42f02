"""Makes a tuned checkpoint from a given one, once for the same judgements, and keeps it."""

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
"""Increase it with every change to what is learned from the same lessons."""

SEED: Final = 7
FOLDER: Final = "tuned-"
OUTCOME: Final = "tuning.json"


class TuningUnavailable(PipelineError):
    """torch is not installed; the message tells how to install it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of tuning: the mean NDCG@10 of judged lists not used for training, ordered by cosine."""

    queries: int
    before: float
    after: float

    @property
    def better(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """The encoder chosen for a shop's bundle."""

    source: str | None
    """The folder or hub id of its checkpoint, the tuned one if it was tuned; None: the official one."""
    cache: Path
    """Where data derived from it is cached."""
    judgements: pl.DataFrame
    """The judgements that the ranker may learn from."""
    outcome: Outcome | None = None
    """None if nothing was tuned, for lack of judgements."""

    def build(self, target: Path) -> BuiltEncoder:
        """Fill the folder of the encoder part, see `build_encoder`."""
        return build_encoder(target, cache=self.cache, source=self.source)

    @property
    def summary(self) -> str:
        """What was decided and why, for the user who asked for a tuned encoder."""
        if self.outcome is None:
            return "the encoder stays as it is: tuning takes some 1,200 judged queries, found fewer"
        figures = f"NDCG@10 of held-out lists {self.outcome.before:.4f} before, {self.outcome.after:.4f} after"
        if not self.outcome.better:
            return f"the encoder stays as it is: tuning on {self.outcome.queries} judged queries made it no better ({figures})"
        return f"the encoder was tuned on {self.outcome.queries} judged queries ({figures})"


def published(shop: Shop, cache: Path, source: str | None = None) -> EncoderChoice:
    """Return the encoder at `source` (a folder or hub id; None: the official one) as it is."""
    return EncoderChoice(source, cache, shop.judgements)


def tuned(shop: Shop, cache: Path, advance: Advance, source: str | None = None) -> EncoderChoice:
    """Return that encoder after training on half of the teaching queries, if they suffice and it improved; otherwise as it is.
    The training takes a quarter of an hour on two processors for 5,000 queries. It is not repeated for the same judgements.

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
    # Written last: a folder without it is unfinished and made again.
    (folder / OUTCOME).write_text(json.dumps(asdict(outcome)), encoding="utf-8")


def _checkpoint(folder: Path, base: Checkpoint) -> Path:
    """Return the folder of the tuned checkpoint, whose name becomes the checkpoint's."""
    return folder / f"{base.name.rsplit('/', 1)[-1]}-tuned"


def _digest(base: Checkpoint, lessons: Lessons) -> str:
    """Return the digest of everything that determines what is learned."""
    digest = hashlib.sha256(f"{RECIPE} {SEED} {base.digest}".encode())
    for part in (lessons.teaching, lessons.choosing):
        digest.update(json.dumps([_plain(lesson) for lesson in part]).encode())
    return digest.hexdigest()


def _plain(lesson: Lesson) -> tuple[Any, ...]:
    return lesson.query, lesson.texts, lesson.grades.tolist()


def _forget_others(folder: Path) -> None:
    """Remove the checkpoints of other judgements; with what was derived from it, each takes a quarter of a gigabyte."""
    for other in folder.parent.glob(f"{FOLDER}*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
