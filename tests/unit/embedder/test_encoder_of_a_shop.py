"""Checkpoints other than the official one: those that fit are exported like it, others are refused with a reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from shelfwise_embedder.encode import encode
from shelfwise_pipeline.encoder.build import BuiltEncoder, build_encoder
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.encoder.weights import TENSORS, WeightsError, find_checkpoint
from tests.support.checkpoint import SHAPE, write_checkpoint

TEXTS = ["desk lamp", "rope 10 m", "soap"]


def built(folder: Path, cache: Path) -> BuiltEncoder:
    return build_encoder(cache.parent / f"part-of-{folder.name}", cache=cache, source=str(folder))


def changed(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_an_encoder_built_from_a_folder_has_the_folders_name(tmp_path: Path) -> None:
    encoder = built(write_checkpoint(tmp_path / "mine"), tmp_path / "cache")
    description = encoder.description
    assert (description.source, description.max_tokens, description.space.dimension) == ("mine", 16, SHAPE.dimension)
    assert description.space.model.startswith("mine@")


def test_one_encoder_never_gets_the_vectors_of_another(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    one, other = (built(write_checkpoint(tmp_path / f"of-{seed}", seed=seed), cache) for seed in (3, 4))
    kept = embed_texts(one.engine, TEXTS, known=one.known)
    found = embed_texts(other.engine, TEXTS, known=other.known)
    np.testing.assert_allclose(found, encode(other.engine, TEXTS, "document"), atol=1e-5)
    assert np.abs(found - kept).max() > 0.01


def test_equal_weights_with_another_max_tokens_are_another_encoder(tmp_path: Path) -> None:
    short, long = (find_checkpoint(str(write_checkpoint(tmp_path / f"at-{most}", max_tokens=most))) for most in (8, 16))
    assert short.sha256 == long.sha256
    assert short.digest != long.digest
    cache = tmp_path / "cache"
    assert [built(each.folder, cache).engine.max_tokens for each in (short, long)] == [8, 16]


def test_without_a_max_seq_length_texts_are_cut_where_the_positions_end(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    changed(folder / "sentence_bert_config.json", max_seq_length=None)
    assert find_checkpoint(str(folder)).max_tokens == 32


def test_new_and_old_files_of_sentence_transformers_are_read_alike(tmp_path: Path) -> None:
    before, today = (write_checkpoint(tmp_path / name) for name in ("before", "today"))
    (today / "1_Pooling" / "config.json").write_text('{"embedding_dimension": 32, "pooling_mode": "mean"}')
    (today / "sentence_bert_config.json").write_text('{"transformer_task": "feature-extraction"}')
    (today / "tokenizer_config.json").write_text('{"model_max_length": 16}')
    one, other = (built(folder, tmp_path / "cache") for folder in (before, today))
    assert one.engine.max_tokens == other.engine.max_tokens == 16
    np.testing.assert_array_equal(encode(one.engine, TEXTS, "query"), encode(other.engine, TEXTS, "query"))


@pytest.mark.parametrize(
    ("pooling", "told"),
    [
        ({"pooling_mode": "cls"}, "found cls"),
        ({"pooling_mode": ["mean", "max"]}, "found mean and max"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "found cls_token and mean"),
    ],
)
def test_a_checkpoint_with_another_pooling_is_refused(tmp_path: Path, pooling: dict[str, Any], told: str) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(WeightsError, match=f"expected mean pooling in .*, {told}; choose another checkpoint"):
        find_checkpoint(str(folder))


def test_half_precision_weights_are_read_as_float32(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    halves = {name: tensor.astype(np.float16) for name, tensor in load_file(folder / TENSORS).items()}
    save_file(halves, folder / TENSORS)
    assert {tensor.dtype for tensor in find_checkpoint(str(folder)).tensors().values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"model_type": "xlm-roberta"}, "found model_type 'xlm-roberta'"),
        ({"hidden_act": "relu"}, "with 'relu'"),
        ({"position_embedding_type": "relative_key"}, "'relative_key' positions"),
        ({"intermediate_size": 600}, "multiple of 128, which 8-bit blocks need, found 600"),
    ],
)
def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path, values: dict[str, Any], told: str) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    changed(folder / "config.json", **values)
    with pytest.raises(WeightsError, match=f"{told}.*choose another checkpoint"):
        find_checkpoint(str(folder))


def test_a_layer_after_the_pooling_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"path": "2_Dense", "type": "sentence_transformers.models.Dense"})
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(WeightsError, match=r"nothing but Transformer, Pooling, Normalize in modules\.json, found Dense"):
        find_checkpoint(str(folder))


def test_weights_with_other_tensor_names_or_in_another_format_are_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    path = folder / TENSORS
    held = load_file(path)
    save_file({f"bert.{name}": tensor for name, tensor in held.items()}, path)
    with pytest.raises(WeightsError, match=r"expected a tensor 'embeddings\.word_embeddings\.weight'"):
        built(folder, tmp_path / "cache")
    path.write_bytes(b"not safetensors")
    with pytest.raises(WeightsError, match="expected tensors of 32 or 16 bit floats"):
        built(folder, tmp_path / "cache")


def test_a_source_that_is_neither_folder_nor_hub_id_names_the_setting() -> None:
    with pytest.raises(WeightsError, match="SHELFWISE_ENCODER: expected a folder or a hub id, found '/no/such/folder'"):
        find_checkpoint("/no/such/folder")
