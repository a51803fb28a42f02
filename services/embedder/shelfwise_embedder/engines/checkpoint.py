"""Chooses the checkpoint that the torch engine loads, since a bundle holds only the exported models."""

from pathlib import Path
from typing import Final

from shelfwise.bundle.store import sha256_of
from shelfwise.errors import BundleMismatch
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.packaged import packaged_checkpoint

_TENSORS: Final = "model.safetensors"


def checkpoint_for(named: str | None, description: EncoderDescription) -> str:
    """A folder or hub id: the one that the settings name; else the package's folder, if the bundle was built from exactly these
    weights; else the hub id that the bundle was built from.

    Raises:
        BundleMismatch: the bundle was built from a folder, of which it records only the name.
    """
    if named:
        return named
    packaged = packaged_checkpoint()
    if packaged is not None and _holds(packaged, description.source_sha256):
        return str(packaged)
    if "/" in description.source:
        return description.source
    raise BundleMismatch(
        f"the bundle was built from a checkpoint in the folder {description.source!r}, a tuned one or the shop's own, and "
        "contains only its exported models; name a copy of that folder in SHELFWISE_EMBEDDER_TORCH_MODEL (a build keeps tuned "
        "ones below `cache/encoder`), or set SHELFWISE_EMBEDDER_ENGINE=onnx"
    )


def _holds(folder: Path, sha256: str | None) -> bool:
    tensors = folder / _TENSORS
    return tensors.is_file() and sha256_of(tensors) == sha256
