"""Which answers of a measured system count."""

import json

import pytest

from benchmarks.serving.answers import Answer, judge


def _answer(body: object, status: int = 200) -> Answer:
    return Answer(at_ms=1.0, took_ms=2.0, status=status, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_full_answer_counts_and_reports_its_own_time() -> None:
    verdict = judge(_answer({"recommendations": ["a", "b"], "degraded": [], "timings_ms": {"total": 4.5}}), top_k=2)
    assert verdict.error is None
    assert verdict.reported_ms == 4.5


def test_a_full_answer_without_timings_counts_too() -> None:
    verdict = judge(_answer({"recommendations": ["a"]}), top_k=1)
    assert verdict.error is None
    assert verdict.reported_ms is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_answer({"recommendations": ["a"], "degraded": ["ranker", "embedder"]}), "degraded: ranker, embedder"),
        (_answer({"recommendations": []}), "0 names instead of 1"),
        (_answer({"recommendations": ["a", "b"]}), "2 names instead of 1"),
        (_answer({"items": []}), "no recommendations in the answer"),
        (_answer([1]), "no recommendations in the answer"),
        (_answer(b"<html>"), "not JSON"),
        (_answer({"error": {"code": "overloaded"}}, status=429), "status 429: overloaded"),
        (_answer(b"oops", status=502), "status 502"),
        (_answer({"error": "text"}, status=500), "status 500"),
        (_answer(b"no answer in time", status=0), "no answer in time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_is_not_full_is_an_error(answer: Answer, error: str) -> None:
    assert judge(answer, top_k=1).error == error
