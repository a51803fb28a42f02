"""Writes the encoder part of a bundle."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shelfwise.contracts.embed import EmbedRequest
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.description import EncoderDescription, Probe
from shelfwise_embedder.embedding import WARMUP_FILE
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine, Vectors
from shelfwise_embedder.engines.fake import FakeEngine
from shelfwise_embedder.engines.onnx import OnnxEngine
from shelfwise_embedder.engines.registry import open_engine
from shelfwise_pipeline.encoder.export import EXPORTED, RECIPE, exported
from shelfwise_pipeline.encoder.fidelity import measure_fidelity
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.encoder.weights import Checkpoint, find_checkpoint

PROBE_TEXTS: Final = ["nail polish", "organic peanut butter crunchy 16 oz", "wireless mouse", ""]
_WARMUP_TEXTS: Final = 64


@dataclass(frozen=True, slots=True)
class BuiltEncoder:
    """The encoder part of an unfinished bundle: ready to encode, not yet measured."""

    folder: Path
    engine: Engine
    description: EncoderDescription
    known: VectorFile | None
    """Vectors of earlier builds, for `embed_texts`."""
    digest: str | None = None
    """The checkpoint's digest, under which derived data may be cached; None: cache nothing."""

    def measured(self, texts: Sequence[str], vectors: Vectors) -> EncoderDescription:
        """Complete the part with what needs the catalog: measure the fidelity, write encoder.json and warmup.jsonl.

        `vectors` are the fp32 vectors of the distinct `texts`, [len(texts), dimension].
        """
        fidelity = measure_fidelity(self.engine, texts, vectors)
        description = self.description.model_copy(update={"fidelity": fidelity})
        description.write(self.folder)
        _write_warmup(self.folder, texts)
        return description


def build_encoder(target: Path, *, cache: Path, source: str | None = None) -> BuiltEncoder:
    """Fill `target` with query.onnx, document.onnx, tokenizer.json and encoder.json. Then call `measured` on the result.

    `source` is a checkpoint's folder or hub id; by default the official model from its package. The export is kept in `cache`,
    so a second build only copies it.

    Raises:
        WeightsError: there is no usable checkpoint.
    """
    checkpoint = find_checkpoint(source)
    folder = exported(checkpoint, cache)
    target.mkdir(parents=True, exist_ok=True)
    for name in EXPORTED:
        shutil.copyfile(folder / name, target / name)
    description = _described(target, checkpoint)
    description.write(target)
    known = VectorFile(cache / f"vectors-{checkpoint.digest[:16]}-{RECIPE}.safetensors")
    return BuiltEncoder(target, open_engine("onnx", target), description, known, checkpoint.digest)


def build_fake_encoder(target: Path) -> BuiltEncoder:
    """Build the same part for the fake engine, without weights or ONNX; for tests and for trying out the services."""
    engine = FakeEngine()
    description = EncoderDescription(
        family="fake",
        space=engine.space,
        max_tokens=engine.max_tokens,
        source="fake",
        source_sha256=None,
        probe=Probe.of(PROBE_TEXTS, encode(engine, PROBE_TEXTS, "document")),
    )
    target.mkdir(parents=True, exist_ok=True)
    description.write(target)
    return BuiltEncoder(target, engine, description, known=None)


def _described(folder: Path, checkpoint: Checkpoint) -> EncoderDescription:
    """Return the description of the exported models in `folder`, with a probe computed by the fp32 model."""
    name = checkpoint.name.rsplit("/", 1)[-1]
    dimension = int(checkpoint.config["hidden_size"])
    description = EncoderDescription(
        family="bert",
        space=VectorSpace(model=f"{name}@{checkpoint.digest[:12]}", dimension=dimension, normalized=True),
        max_tokens=checkpoint.max_tokens,
        source=checkpoint.name,
        source_sha256=checkpoint.sha256,
        probe=Probe(texts=[], base64=""),
    )
    vectors = encode(OnnxEngine(folder, description, threads=1), PROBE_TEXTS, "document")
    return description.model_copy(update={"probe": Probe.of(PROBE_TEXTS, vectors)})


def _write_warmup(target: Path, texts: Sequence[str]) -> None:
    """Write the requests that the embedder replays before it reports ready. They cover every length a query of this shop may
    have."""
    sample = [*PROBE_TEXTS, *texts[:_WARMUP_TEXTS]]
    bodies = [EmbedRequest(texts=[text], kind="query") for text in sample]
    bodies += [EmbedRequest(texts=sample, kind=kind) for kind in ("query", "document")]
    lines = (json.dumps(body.model_dump(), ensure_ascii=False) for body in bodies)
    (target / WARMUP_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
