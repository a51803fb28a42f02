"""The engines under test, each with an encoder part written by the build."""

from pathlib import Path

import pytest

from shelfwise_embedder.engines.base import Engine
from shelfwise_embedder.engines.registry import EngineName, open_engine
from shelfwise_embedder.packaged import packaged_checkpoint
from shelfwise_pipeline.encoder.build import build_encoder, build_fake_encoder
from shelfwise_pipeline.encoder.weights import Checkpoint, find_checkpoint


@pytest.fixture(scope="session")
def checkpoint() -> Checkpoint:
    if packaged_checkpoint() is None:
        pytest.skip("the encoder's weights are not installed")
    return find_checkpoint()


@pytest.fixture(scope="session")
def encoder_folder(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("encoder")
    return build_encoder(root / "part", cache=root / "cache").folder


@pytest.fixture(scope="session")
def onnx_engine(encoder_folder: Path) -> Engine:
    return open_engine("onnx", encoder_folder)


@pytest.fixture(scope="session")
def torch_engine(encoder_folder: Path) -> Engine:
    pytest.importorskip("sentence_transformers", reason="the extra `torch` is not installed")
    return open_engine("torch", encoder_folder)


@pytest.fixture(
    scope="session",
    params=["fake", pytest.param("onnx", marks=pytest.mark.weights), pytest.param("torch", marks=pytest.mark.weights)],
)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    name: EngineName = request.param
    if name == "fake":
        return build_fake_encoder(tmp_path_factory.mktemp("fake")).engine
    built: Engine = request.getfixturevalue(f"{name}_engine")
    return built
