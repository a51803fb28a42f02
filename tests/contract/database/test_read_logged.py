"""Which of the logged questions training reads from a real PostgreSQL."""

import time
from typing import Any

import numpy as np
import psycopg
import pytest

from shelfwise_pipeline.examples import from_log
from shelfwise_pipeline.examples.from_log import SETTLED_S, read_logged
from shelfwise_ranker.feature_log import features_digest, packed
from shelfwise_ranker.features import registry

Connection = psycopg.Connection[Any]

_RANKING = "INSERT INTO behavior.rankings VALUES (%s, now(), %s, 'b', 'text', %s, %s, %s)"
_EVENT = """INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp, request_id, position)
VALUES (%s, %s, %s, 'ann', now(), %s, %s)"""


def ask(connection: Connection, number: int, *, seen: bool = True, viewed: bool = False) -> None:
    """Logs a question with two products; the later the question, the larger its number and its features."""
    matrix = np.full((2, len(registry.names("text"))), number, dtype=np.float32)
    asked_at = time.time() - 2 * SETTLED_S + number
    connection.execute(_RANKING, [f"r{number}", asked_at, features_digest("text"), ["milk", "bread"], packed(matrix)])
    for place, product in enumerate(["milk", "bread"] if seen else [], start=1):
        connection.execute(_EVENT, [f"i{number}-{place}", "impression", product, f"r{number}", place])
    if viewed:
        connection.execute(_EVENT, [f"v{number}", "view", "milk", f"r{number}", 1])


def test_only_the_latest_questions_with_impressions_and_views_are_read(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one answer in a hundred is clicked, the latest of all questions would teach next to nothing."""
    monkeypatch.setattr(from_log, "MOST_QUESTIONS", 2)
    for number in range(3):
        ask(connection, number, viewed=True)
    for number in range(3, 6):
        ask(connection, number)
    for number in range(6, 9):
        ask(connection, number, seen=False, viewed=True)
    with connection.transaction():
        logged = read_logged(connection, "text", time.time())
    assert logged.examples.sizes.tolist() == [2, 2]
    assert logged.examples.matrix[:, 0].tolist() == [1, 1, 2, 2], "the latest, in the order of time"
