"""Finds misspelt names of settings: a misspelt setting gets its default, and its author must learn of it."""

from collections.abc import Iterable
from difflib import get_close_matches

from shelfwise.settings import PREFIX

# The settings of all services and of the command: one environment often holds those of several.
SETTINGS = frozenset(
    {
        "API_KEYS",
        "BODY_S",
        "BREAKER_FAILURES",
        "BREAKER_OPEN_S",
        "BUNDLES",
        "BUNDLE_CACHE",
        "BUNDLE_POLL_S",
        "DEMO",
        "DRAIN_S",
        "EMBEDDER_CACHE_BYTES",
        "EMBEDDER_DOCUMENT_BATCH_TOKENS",
        "EMBEDDER_ENGINE",
        "EMBEDDER_INLINE_TOKENS",
        "EMBEDDER_QUERY_BATCH_TOKENS",
        "EMBEDDER_THREADS",
        "EMBEDDER_TORCH_MODEL",
        "EMBEDDER_URL",
        "EMBEDDER_WAITING_DOCUMENT_TOKENS",
        "EMBEDDER_WAITING_QUERY_TOKENS",
        "ENCODER",
        "EVENTS_DAYS",
        "HOST",
        "IMPRESSIONS_DAYS",
        "KEEP_ALIVE_S",
        "KEEP_BUNDLES",
        "LAST_GOOD_BYTES",
        "LAST_GOOD_S",
        "LEARN_FROM_DAYS",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MAX_BODY_BYTES",
        "MAX_BULK",
        "MAX_IN_FLIGHT",
        "PORT",
        "PROBE_S",
        "PRUNE_VECTORS_AFTER_DAYS",
        "RANKER_DATABASE_CONNECTIONS",
        "RANKER_DATABASE_TIMEOUT_S",
        "RANKER_DATABASE_WAITING",
        "RANKER_EVENTS_QUEUE",
        "RANKER_FEATURE_LOG_BYTES",
        "RANKER_FEATURE_LOG_DAYS",
        "RANKER_FEATURE_LOG_SHARE",
        "RANKER_QUEUE",
        "RANKER_URL",
        "RETRIEVER_FILTER_BYTES",
        "RETRIEVER_POLL_S",
        "RETRIEVER_QUEUE",
        "RETRIEVER_URL",
        "SCENARIOS",
        "SYNONYMS",
        "TRENDING_S",
        "TUNE_ENCODER",
        "TUNING_S",
        "VAR",
    }
)
ALIKE = 0.85
"""From this similarity on a name counts as misspelt. A less similar one may be the shop's own, or set by an orchestrator."""


def slips(variables: Iterable[str]) -> list[str]:
    """A sentence for each of `variables` that is no setting, but is spelled much like one."""
    names = (variable.upper().removeprefix(PREFIX) for variable in variables if variable.upper().startswith(PREFIX))
    return [
        f"{PREFIX}{name} is not a setting and has no effect; did you mean {PREFIX}{meant}?"
        for name in sorted(set(names) - SETTINGS)
        for meant in get_close_matches(name, sorted(SETTINGS), n=1, cutoff=ALIKE)
    ]
