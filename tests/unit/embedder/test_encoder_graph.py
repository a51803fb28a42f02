"""The written graph, on a small BERT with random weights."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from shelfwise_pipeline.encoder.graph import BertShape, write_graph
from shelfwise_pipeline.encoder.linear import FULL, Precision, full_precision, smoothed
from shelfwise_pipeline.encoder.smoothing import balanced, divisors, random_texts
from tests.support.checkpoint import bert_tensors

WORDS, DIMENSION, INNER = 40, 32, 128
SHAPE = BertShape(layers=2, heads=2, dimension=DIMENSION, epsilon=1e-12)
LOUD = 7
"""A channel far above the others, as trained encoders have them."""

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def tensors() -> dict[str, Floats]:
    return bert_tensors(SHAPE, words=WORDS, inner=INNER, loud=LOUD)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel({f"w{chr(97 + n // 26)}{chr(97 + n % 26)}": n for n in range(WORDS)}, unk_token="waa"))
    made.pre_tokenizer = Whitespace()
    return made


def _run(path: Path, ids: list[list[int]], mask: list[list[int]] | None = None) -> Floats:
    inputs = {"input_ids": np.array(ids, np.int32)}
    if mask is not None:
        inputs["attention_mask"] = np.array(mask, np.int32)
    found: Floats = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, inputs)[0]
    return found


def _written(path: Path, tensors: dict[str, Floats], precision: Precision, *, masked: bool) -> Path:
    write_graph(path, SHAPE, tensors, precision, {}, masked=masked)
    return path


def test_padding_does_not_change_the_vectors(tmp_path: Path, tensors: dict[str, Floats]) -> None:
    masked = _written(tmp_path / "masked.onnx", tensors, FULL, masked=True)
    alone = _written(tmp_path / "alone.onnx", tensors, FULL, masked=False)
    batch = _run(masked, [[5, 6, 7, 8], [9, 10, 0, 0]], [[1, 1, 1, 1], [1, 1, 0, 0]])
    np.testing.assert_allclose(batch[0], _run(alone, [[5, 6, 7, 8]])[0], atol=1e-5)
    np.testing.assert_allclose(batch[1], _run(alone, [[9, 10]])[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(batch, axis=1), 1.0, atol=1e-5)


def test_divisors_alone_do_not_change_the_vectors(tmp_path: Path, tensors: dict[str, Floats], tokenizer: Tokenizer) -> None:
    full = _written(tmp_path / "document.onnx", tensors, FULL, masked=True)
    found = divisors(full, tokenizer, SHAPE, tensors)
    assert set(found) == {
        "embeddings",
        *(f"encoder.layer.{layer}.attention.output" for layer in range(2)),
        "encoder.layer.0.output",  # the last layer's output goes to the pooling, not to a matrix
    }
    divided = Precision(full_precision, full_precision, found)
    path = _written(tmp_path / "divided.onnx", tensors, divided, masked=False)
    np.testing.assert_allclose(_run(path, [[1, 2, 3]]), _run(full, [[1, 2, 3]], [[1, 1, 1]]), atol=1e-5)


def test_smoothing_keeps_eight_bits_near_the_full_precision(
    tmp_path: Path, tensors: dict[str, Floats], tokenizer: Tokenizer
) -> None:
    full = _written(tmp_path / "document.onnx", tensors, FULL, masked=True)
    found = divisors(full, tokenizer, SHAPE, tensors)
    assert all(values.argmax() == LOUD and values[LOUD] > 5 * np.median(values) for values in found.values())
    even = _written(tmp_path / "even.onnx", tensors, smoothed(found), masked=False)
    uneven = _written(tmp_path / "uneven.onnx", tensors, smoothed({}), masked=False)
    texts = np.random.default_rng(1).integers(0, WORDS, (30, 6)).tolist()
    exact = np.concatenate([_run(full, [ids], [[1] * 6]) for ids in texts])
    lost = {
        name: 1 - np.einsum("nd,nd->n", exact, np.concatenate([_run(path, [ids]) for ids in texts])).mean()
        for name, path in (("even", even), ("uneven", uneven))
    }
    assert lost["even"] < 0.002
    assert lost["even"] < 0.5 * lost["uneven"]


def test_balanced_divisors_are_one_on_average_and_finite_for_silent_channels() -> None:
    found = balanced(np.array([0.0, 1.0, 100.0], np.float32), np.array([0.1, 0.0, 0.1], np.float32))
    assert np.isfinite(found).all()
    assert found.dtype == np.float32
    assert found.mean() == pytest.approx(1.0, rel=1e-6)
    assert found[2] > found[0]


def test_the_calibration_texts_are_always_the_same(tokenizer: Tokenizer) -> None:
    texts = random_texts(tokenizer)
    assert texts == random_texts(tokenizer)
    assert {len(text.split()) for text in texts} == set(range(1, 13))
