"""Gunicorn's settings: two workers forked from one loaded master, as many as two cores can use."""

import os
from typing import Any

workers = 2
worker_class = "sync"
preload_app = True
# The benchmark pauses the whole process group while it measures the other system. No worker must be taken for hung then.
timeout = 0
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Set a forked worker's threads anew and answer a few questions before it takes requests."""
    from benchmarks.monolith.app import THREADS_VARIABLE, use_threads

    use_threads(int(os.environ.get(THREADS_VARIABLE, "1")))
    for text in ("whole milk", "shampoo for dry hair", "dark chocolate", "paper towels"):
        worker.app.wsgi().extensions["recommender"].recommend(text, 10)
