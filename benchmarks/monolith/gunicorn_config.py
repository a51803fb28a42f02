"""Gunicorn's settings: two workers forked from one loaded master, which is what two cores can use."""

import os
from typing import Any

workers = 2
worker_class = "sync"
preload_app = True
# The benchmark stops the whole process group while the other system is measured; a worker must not be taken for hung then.
timeout = 0
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """A forked worker sets its threads anew and answers a few questions before it takes requests."""
    from benchmarks.monolith.app import THREADS_VARIABLE, use_threads

    use_threads(int(os.environ.get(THREADS_VARIABLE, "1")))
    for text in ("whole milk", "shampoo for dry hair", "dark chocolate", "paper towels"):
        worker.app.wsgi().extensions["recommender"].recommend(text, 10)
