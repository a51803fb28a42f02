"""Decides which answers count: status 200, as many names as requested, no step left out."""

from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as received. Status 0: there was none, and `body` says why."""

    at_ms: float
    """When the answer was complete, by the load generator's clock."""
    took_ms: float
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """`error` is None for an answer that counts."""

    error: str | None = None
    reported_ms: float | None = None


def judge(answer: Answer, top_k: int) -> Verdict:
    """Judge both systems by the same rules: an incomplete answer is an error, however quick it was."""
    if answer.status == 0:
        return Verdict(error=answer.body.decode(errors="replace") or "connection broken")
    if answer.status != 200:
        return Verdict(error=f"status {answer.status}: {_code(answer.body)}".removesuffix(": "))
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return Verdict(error="not JSON")
    if not isinstance(body, dict) or not isinstance(names := body.get("recommendations"), list):
        return Verdict(error="no recommendations in the answer")
    if left_out := body.get("degraded"):
        return Verdict(error=f"degraded: {', '.join(map(str, left_out))}")
    if len(names) != top_k:
        return Verdict(error=f"{len(names)} names instead of {top_k}")
    timings = body.get("timings_ms")
    total = timings.get("total") if isinstance(timings, dict) else None
    return Verdict(reported_ms=float(total) if isinstance(total, int | float) else None)


def _code(body: bytes) -> str:
    """The `code` in Shelfwise's error body; empty if there is none."""
    try:
        error: Any = orjson.loads(body)["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return str(error.get("code", "")) if isinstance(error, dict) else ""
