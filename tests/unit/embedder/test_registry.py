import builtins
import importlib
import json
import sys
from pathlib import Path

import pytest

from shelfwise.errors import BundleDamaged, BundleMismatch
from shelfwise_embedder.description import FILE_NAME, EncoderDescription, Probe
from shelfwise_embedder.engines.registry import EngineUnavailable, open_engine
from shelfwise_pipeline.encoder.build import build_fake_encoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_fake_encoder(tmp_path / "encoder").folder


def test_the_fake_engine_opens_an_encoder_built_for_it(folder: Path) -> None:
    engine = open_engine("fake", folder)
    assert engine.space == EncoderDescription.read(folder).space


def test_another_engine_than_the_bundle_was_built_for_is_refused(folder: Path) -> None:
    with pytest.raises(BundleMismatch, match="set SHELFWISE_EMBEDDER_ENGINE to 'fake'"):
        open_engine("onnx", folder)


def test_a_missing_description_raises_bundle_damaged(tmp_path: Path) -> None:
    with pytest.raises(BundleDamaged, match=r"expected encoder\.json"):
        open_engine("fake", tmp_path)


def test_a_damaged_description_raises_bundle_damaged_and_names_the_field(folder: Path) -> None:
    content = json.loads((folder / FILE_NAME).read_text())
    content["max_tokens"] = "many"
    (folder / FILE_NAME).write_text(json.dumps(content))
    with pytest.raises(BundleDamaged, match="max_tokens"):
        open_engine("fake", folder)


def test_missing_model_files_raise_bundle_damaged_and_are_named(folder: Path) -> None:
    _as_bert(folder)
    with pytest.raises(BundleDamaged, match=r"query\.onnx, document\.onnx, tokenizer\.json"):
        open_engine("onnx", folder)


def test_an_engine_that_computes_other_vectors_is_refused(folder: Path) -> None:
    description = EncoderDescription.read(folder)
    turned = Probe.of(description.probe.texts, -description.probe.vectors())
    description.model_copy(update={"probe": turned}).write(folder)
    with pytest.raises(BundleMismatch, match=r"cosine -1\.000"):
        open_engine("fake", folder)


def test_an_engine_without_its_packages_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _as_bert(folder)
    monkeypatch.delitem(sys.modules, "shelfwise_embedder.engines.torch", raising=False)
    real = builtins.__import__

    def without_torch(name: str, *rest: object) -> object:
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(EngineUnavailable, match=r"pip install shelfwise-embedder\[torch\]"):
        open_engine("torch", folder)


def test_only_the_torch_engine_module_imports_torch() -> None:
    importlib.import_module("shelfwise_embedder.app")
    source = Path(str(importlib.import_module("shelfwise_embedder.app").__file__)).parent
    importing = [path.name for path in source.rglob("*.py") if "import torch" in path.read_text()]
    assert importing == ["torch.py"]


def _as_bert(folder: Path) -> None:
    EncoderDescription.read(folder).model_copy(update={"family": "bert"}).write(folder)
