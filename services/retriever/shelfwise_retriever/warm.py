"""Replays a bundle's warm-up requests, so that the first shopper waits no longer than the hundredth."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from shelfwise.contracts.retrieve import RetrieveRequest

FILE = "warmup.jsonl"

_log = logging.getLogger("shelfwise.retriever")


def warm_up(answer: Callable[[RetrieveRequest], bytes], folder: Path) -> None:
    """Replay the requests. An error fails the bundle's loading: a retriever that cannot answer these can answer nothing."""
    lines = (folder / FILE).read_bytes().splitlines()
    started_at = time.perf_counter()
    for line in lines:
        answer(RetrieveRequest.model_validate_json(line))
    _log.info("warm", extra={"requests": len(lines), "ms": round((time.perf_counter() - started_at) * 1000, 1)})
