"""`POST /recommend` {"product_name", "top_k"}: encodes with torch, searches with FAISS, ranks with LightGBM, answers names."""

import os
from pathlib import Path

import faiss
import lightgbm
import numpy as np
import polars as pl
import torch
from flask import Flask, Response, jsonify, request
from sentence_transformers import SentenceTransformer

from benchmarks.monolith.features import NAMES, Features

FOLDER_VARIABLE = "MONOLITH_FOLDER"
THREADS_VARIABLE = "MONOLITH_THREADS"

CANDIDATES = 100
MAX_TOP_K = 100


class Recommender:
    """Everything a request needs, loaded once in Gunicorn's master and shared by its workers."""

    def __init__(self, folder: Path, weights: Path) -> None:
        products = pl.read_parquet(folder / "products.parquet")
        self._names = products["title"].to_list()
        self._features = Features(products)
        self._index = faiss.read_index(str(folder / "index.faiss"))
        self._ranker = lightgbm.Booster(model_file=folder / "ranker.txt")
        if self._ranker.feature_name() != list(NAMES):
            raise ValueError(f"expected a ranker over {NAMES}, found {self._ranker.feature_name()}; delete {folder}")
        self._encoder = SentenceTransformer(str(weights), device="cpu")

    def recommend(self, text: str, top_k: int) -> list[str]:
        """The names of the `top_k` best products, best first."""
        with torch.inference_mode():
            vector = self._encoder.encode(text, normalize_embeddings=True, show_progress_bar=False)
        scores, rows = self._index.search(np.asarray(vector, dtype=np.float32)[None, :], CANDIDATES)
        table = self._features.matrix(text, rows[0], scores[0])
        ranked = np.asarray(self._ranker.predict(table, num_threads=1))
        best = np.argsort(-ranked, kind="stable")[:top_k]
        return [self._names[row] for row in rows[0][best]]


def use_threads(threads: int) -> None:
    """Set the number of threads of the numeric libraries in this process."""
    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)


def create_app() -> Flask:
    """The WSGI application that serves from the folder that `benchmarks.monolith.prepare` filled."""
    from benchmarks.monolith.prepare import weights_folder

    # The master must not start a thread pool: OpenMP does not survive the fork that makes the workers.
    use_threads(1)
    recommender = Recommender(Path(os.environ[FOLDER_VARIABLE]), weights_folder())
    app = Flask(__name__)
    app.extensions["recommender"] = recommender

    @app.get("/readyz")
    def readyz() -> Response:
        return jsonify(ready=True)

    @app.post("/recommend")
    def recommend() -> Response | tuple[Response, int]:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return jsonify(error="expected a JSON object"), 400
        text, top_k = body.get("product_name"), body.get("top_k", 10)
        if not isinstance(text, str) or not text.strip():
            return jsonify(error="product_name: expected text"), 422
        if not isinstance(top_k, int) or not 1 <= top_k <= MAX_TOP_K:
            return jsonify(error=f"top_k: expected 1 to {MAX_TOP_K}"), 422
        return jsonify(recommendations=recommender.recommend(text.strip(), top_k))

    return app
