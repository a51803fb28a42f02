"""Answers requests from the bundle before the service reports that it is ready."""

from pathlib import Path

from pydantic import ValidationError

from shelfwise.bundle import Part
from shelfwise.contracts.rank import RankRequest
from shelfwise.errors import BundleDamaged
from shelfwise_ranker.rank import Ranker

FILE = "warmup.jsonl"
ROUNDS = 3
"""The first round fills caches; the later ones let the processor and the allocator settle."""


def load(part: Part) -> Ranker:
    """The ranker of a verified part of a bundle, warmed up.

    Raises:
        BundleDamaged, BundleMismatch: see `Ranker.open`; BundleDamaged also if the warm-up requests cannot be read.
    """
    ranker = Ranker.open(part.path, part.version, part.manifest.last_change)
    if ranker.catalog is not None:
        ranker.catalog.last_change_at = part.manifest.last_change_at
    for request in warm_up_requests(part.path):
        for _ in range(ROUNDS):
            ranker.rank(request)
    return ranker


def warm_up_requests(folder: Path) -> list[RankRequest]:
    """The requests that a build put into the bundle."""
    try:
        lines = (folder / FILE).read_bytes().splitlines()
        return [RankRequest.model_validate_json(line) for line in lines if line.strip()]
    except (OSError, ValidationError) as error:
        raise BundleDamaged(f"{FILE} of the ranker's part cannot be used: {error}; build the bundle again") from error
