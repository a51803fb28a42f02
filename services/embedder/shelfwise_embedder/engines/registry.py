"""Opens the engine that the settings name, and checks that it computes the bundle's vectors."""

from pathlib import Path
from typing import Final, Literal

import numpy as np

from shelfwise.errors import BundleMismatch
from shelfwise_embedder.description import EncoderDescription, Family
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine
from shelfwise_embedder.engines.checkpoint import checkpoint_for
from shelfwise_embedder.engines.fake import FakeEngine

EngineName = Literal["onnx", "torch", "fake"]

_FAMILY: Final[dict[EngineName, Family]] = {"onnx": "bert", "torch": "bert", "fake": "fake"}
_LEAST_PROBE_COSINE: Final = 0.99
"""8 bit stays above 0.997 on texts of any kind; other weights fall below 0.9."""


class EngineUnavailable(Exception):
    """The engine's packages are not installed, or its weights cannot be loaded; the message says what to do."""


def open_engine(name: EngineName, folder: Path, *, threads: int = 1, torch_model: str | None = None) -> Engine:
    """Open the engine `name` with the encoder part in `folder`.

    `torch_model` is the checkpoint (hub id or folder) for the torch engine; `checkpoint_for` documents the default.

    Raises:
        BundleDamaged: a file is missing from `folder`.
        BundleMismatch: the bundle was built for another engine, its checkpoint is unknown to the torch engine, or the engine
            computes other vectors than the build did.
        EngineUnavailable: the engine's packages are not installed, or its weights cannot be loaded.
    """
    description = EncoderDescription.read(folder)
    if _FAMILY[name] != description.family:
        fitting = " or ".join(repr(engine) for engine, family in _FAMILY.items() if family == description.family)
        raise BundleMismatch(
            f"the bundle's encoder is of family {description.family!r}, the engine {name!r} serves {_FAMILY[name]!r}; "
            f"set SHELFWISE_EMBEDDER_ENGINE to {fitting}, or build a bundle for {name!r}"
        )
    engine = _construct(name, folder, description, threads, torch_model)
    _check_probe(engine, description, name)
    return engine


def _construct(
    name: EngineName, folder: Path, description: EncoderDescription, threads: int, torch_model: str | None
) -> Engine:
    # Imported here, because an image holds the packages of one engine only.
    match name:
        case "fake":
            return FakeEngine.of(description)
        case "onnx":
            from shelfwise_embedder.engines.onnx import OnnxEngine

            return OnnxEngine(folder, description, threads)
        case "torch":
            try:
                from shelfwise_embedder.engines.torch import TorchEngine
            except ModuleNotFoundError as error:
                raise EngineUnavailable(
                    f"the engine 'torch' needs the package {error.name!r}, found it not installed; "
                    "run `pip install shelfwise-embedder[torch]`, or set SHELFWISE_EMBEDDER_ENGINE=onnx"
                ) from error
            model = checkpoint_for(torch_model, description)
            try:
                return TorchEngine(model, description, threads)
            except (OSError, ValueError) as error:
                raise EngineUnavailable(
                    f"the engine 'torch' needs the checkpoint {model!r}, which cannot be loaded: {error}; "
                    "name its folder in SHELFWISE_EMBEDDER_TORCH_MODEL, or set SHELFWISE_EMBEDDER_ENGINE=onnx"
                ) from error


def _check_probe(engine: Engine, description: EncoderDescription, name: EngineName) -> None:
    expected = description.probe.vectors()
    for kind in ("query", "document"):
        found = encode(engine, description.probe.texts, kind)
        cosines = np.einsum("nd,nd->n", expected, found) if expected.shape == found.shape else np.zeros(1)
        if not cosines.min() >= _LEAST_PROBE_COSINE:
            raise BundleMismatch(
                f"the engine {name!r} encodes the bundle's probe texts ({kind}) with cosine {cosines.min():.3f}, expected at "
                f"least {_LEAST_PROBE_COSINE}; serve the weights that the bundle was built from ({description.source!r})"
            )
