"""Which checkpoint the torch engine loads when nobody names one."""

from pathlib import Path

import pytest

from shelfwise.bundle.store import sha256_of
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import BundleMismatch
from shelfwise_embedder.description import EncoderDescription, Probe
from shelfwise_embedder.engines import checkpoint
from shelfwise_embedder.engines.checkpoint import checkpoint_for
from shelfwise_embedder.engines.registry import EngineUnavailable, open_engine

OFFICIAL = "sentence-transformers/all-MiniLM-L6-v2"


def built_from(source: str, sha256: str) -> EncoderDescription:
    space = VectorSpace(model="mine@0", dimension=4, normalized=True)
    probe = Probe(texts=[], base64="")
    return EncoderDescription(family="bert", space=space, max_tokens=16, source=source, source_sha256=sha256, probe=probe)


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.safetensors").write_bytes(b"official weights")
    monkeypatch.setattr(checkpoint, "packaged_checkpoint", lambda: tmp_path)
    return tmp_path


def test_the_packages_weights_are_used_if_the_bundle_was_built_from_them(packaged: Path) -> None:
    description = built_from(OFFICIAL, sha256_of(packaged / "model.safetensors"))
    assert checkpoint_for(None, description) == str(packaged)
    # Compose passes a variable that is not set as an empty string.
    assert checkpoint_for("", description) == str(packaged)


def test_a_checkpoint_named_in_the_settings_is_preferred(packaged: Path) -> None:
    assert checkpoint_for("/mine", built_from(OFFICIAL, sha256_of(packaged / "model.safetensors"))) == "/mine"


def test_the_hub_is_used_if_the_package_is_absent_or_has_other_weights(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkpoint_for(None, built_from("some/other", "0" * 64)) == "some/other"
    monkeypatch.setattr(checkpoint, "packaged_checkpoint", lambda: None)
    assert checkpoint_for(None, built_from(OFFICIAL, "0" * 64)) == OFFICIAL


@pytest.mark.usefixtures("packaged")
def test_a_bundle_of_a_tuned_encoder_raises_bundle_mismatch_with_advice() -> None:
    with pytest.raises(
        BundleMismatch, match=r"in the folder 'all-MiniLM-L6-v2-tuned'.*SHELFWISE_EMBEDDER_TORCH_MODEL.*ENGINE=onnx"
    ):
        checkpoint_for(None, built_from("all-MiniLM-L6-v2-tuned", "0" * 64))


def test_a_folder_without_a_checkpoint_raises_engine_unavailable(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `torch` is not installed")
    built_from(OFFICIAL, "0" * 64).write(tmp_path)
    with pytest.raises(
        EngineUnavailable, match=r"which cannot be loaded: .*; name its folder in SHELFWISE_EMBEDDER_TORCH_MODEL"
    ):
        open_engine("torch", tmp_path, torch_model=str(tmp_path))
