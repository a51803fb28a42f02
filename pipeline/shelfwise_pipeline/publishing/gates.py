"""The gates that a bundle must pass to replace the live one. Each gate is a function that yields refusals."""

from collections.abc import Callable, Iterator
from typing import Any

from shelfwise.bundle import Manifest
from shelfwise_pipeline.evaluation.rows import BEFORE

MIN_FIDELITY = 0.95
"""The share of the fast encoder's ten nearest texts that the exact encoder finds, too."""

MIN_RECALL = 0.95
"""The share of the hundred nearest vectors that the index finds."""

MIN_PRODUCTS = 0.5
"""A catalog that lost more than half of its products is more often a failed import than a shop's decision."""

Row = dict[str, Any]
Gate = Callable[[Manifest, Manifest | None], Iterator[str]]


def refusals(candidate: Manifest, live: Manifest | None) -> list[str]:
    """Return why `candidate` should not replace `live` (None: nothing is live): sentences with the numbers, none if it may."""
    return [refusal for gate in GATES for refusal in gate(candidate, live)]


def faithful_encoder(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """The encoder that answers queries must agree with the one that embedded the catalog."""
    found = (candidate.encoder.get("fidelity") or {}).get("overlap_at_10")
    if found is not None and found < MIN_FIDELITY:
        yield f"the encoder's overlap@10 with the exact one is {found:.3f}, expected at least {MIN_FIDELITY}"


def faithful_index(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """The vector index must find what an exact search finds."""
    found = (candidate.catalog.get("index") or {}).get("recall_at_100")
    if found is not None and found < MIN_RECALL:
        yield f"the vector index has a recall@100 of {found:.3f}, expected at least {MIN_RECALL}"


def whole_catalog(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """A catalog must not halve from one build to the next."""
    before = 0 if live is None else live.catalog.get("products", 0)
    now = candidate.catalog.get("products", 0)
    if now < MIN_PRODUCTS * before:
        yield f"it has {now:,} products, the live bundle has {before:,}"


def better_than_no_ranker(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """A ranker trained on events or judgements must not order clearly worse than the order it was given."""
    trained = {task for task, _ in _rankers(candidate)}
    for row in _rows(candidate):
        if row["system"] != "retrieval order" or row["task"] not in trained:
            continue
        gain = row["difference"]  # of the ranker over this order, question by question
        if gain["high"] < 0:
            yield (
                f"{row['task']}: the ranker's {row['metric']} is below the retrieval order's by {-gain['value']:.3f} "
                f"(95 % interval {-gain['high']:.3f} to {-gain['low']:.3f})"
            )


def no_worse_than_live(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """The ranker must not be worse than the live one, each on its own held-out questions: refused if their intervals do not
    overlap."""
    before = {} if live is None else _rankers(live)
    for measured, row in _rankers(candidate).items():
        was = before.get(measured)
        if was is not None and row["high"] < was["low"]:
            yield (
                f"{row['task']}: the ranker's {row['metric']} is {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}), "
                f"the live bundle's {was['value']:.3f} ({was['low']:.3f} to {was['high']:.3f})"
            )


def same_questions(candidate: Manifest, live: Manifest | None) -> Iterator[str]:
    """A kind of question that the live bundle learned from events must not fall back to what the catalog alone teaches."""
    before = {} if live is None else live.evaluation.get("trained_on") or {}
    now = candidate.evaluation.get("trained_on") or {}
    for kind, source in before.items():
        if source == "events" and now.get(kind) != "events":
            yield f"the ranker of {kind!r} questions learned from {now.get(kind) or 'nothing'}, the live one from events"


GATES: tuple[Gate, ...] = (
    faithful_encoder, faithful_index, whole_catalog, better_than_no_ranker, no_worse_than_live, same_questions,
)  # fmt: skip


def _rows(manifest: Manifest) -> list[Row]:
    rows: list[Row] = manifest.evaluation.get("rows") or []
    return rows


def _rankers(manifest: Manifest) -> dict[tuple[str, str], Row]:
    """Return the ranker's row of each task and metric; the previous model's if the log's trees were added after the
    evaluation."""
    found: dict[tuple[str, str], Row] = {}
    for system in (BEFORE, "ranker"):
        found |= {(row["task"], row["metric"]): row for row in _rows(manifest) if row["system"] == system}
    return found
