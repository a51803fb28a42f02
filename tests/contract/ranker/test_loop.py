"""The whole loop, with the real ranker and a real PostgreSQL: products are ranked, shown, clicked and learned from."""

import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from shelfwise.contracts.rank import RankRequest
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.examples.from_log import SETTLED_S, read_logged
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import LISTED
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.living import event, living_ranker

SHOWN = 8


async def ask(client: httpx.AsyncClient, request: RankRequest, request_id: str) -> list[str]:
    """Ranks as the gateway does, and returns the products that it would show."""
    answer = await client.post("/rank", content=request.model_dump_json(), headers={"x-request-id": request_id})
    scores = answer.json()["scores"]
    return [request.ids[row] for row in np.argsort(-np.array(scores), kind="stable")[:SHOWN]]


async def show(client: httpx.AsyncClient, shown: list[str], request_id: str, shopper: str = "u1") -> None:
    """Sends what a shopper saw and did: viewed the third product, put the fifth into the cart and bought it."""
    told: list[dict[str, Any]] = [
        event(f"{request_id}-{place}", product, "impression", request_id=request_id, position=place)
        for place, product in enumerate(shown, start=1)
    ]
    told.append(event(f"{request_id}-view", shown[2], "view", request_id=request_id, position=3))
    told.append(event(f"{request_id}-cart", shown[4], "add_to_cart", request_id=request_id, position=5))
    told.append(event(f"{request_id}-buy", shown[4], "purchase", request_id=request_id))
    assert (await client.post("/events", json=[{**one, "user_id": shopper} for one in told])).status_code == 202


async def test_shown_products_are_read_back_with_features_positions_and_outcomes(
    bundles: Path, built: Path, database: str
) -> None:
    requests = [request for request in warm_up_requests(built) if request.kind == "text"]
    async with living_ranker(bundles, database, ranker_feature_log_share=1.0) as client:
        shown = [await ask(client, request, f"r{number}") for number, request in enumerate(requests)]
        of_another_kind = await ask(client, next(r for r in warm_up_requests(built) if r.kind == "product"), "another-kind")
        a_list = await ask(client, requests[0].model_copy(update={"listed": True}), "a caller's list")
        await ask(client, requests[0], "never shown")
        # Only now, because purchases change the features of later questions.
        for number, products in enumerate(shown):
            await show(client, products, f"r{number}", "u1" if number else "u2")
        await show(client, of_another_kind, "another-kind")
        await show(client, a_list, "a caller's list")
    later = time.time() + SETTLED_S + 60
    with connect(database) as connection:
        logged = read_logged(connection, "text", later)
        assert len(read_logged(connection, LISTED, later)) == 1
        assert len(read_logged(connection, "text", time.time())) == 0, "nothing is settled yet"
        connection.execute("UPDATE behavior.rankings SET features = 'of another release'")
        assert len(read_logged(connection, "text", later)) == 0
    assert logged.examples.sizes.tolist() == [SHOWN] * len(requests)
    assert logged.positions.tolist() == list(range(SHOWN)) * len(requests)
    assert logged.examples.grades.tolist() == [0, 0, 1, 0, 3, 0, 0, 0] * len(requests)
    assert logged.askers is not None
    assert len(requests) > 1
    assert logged.askers.tolist() == [1, *[0] * (len(requests) - 1)]
    offline = Ranker.open(built)
    for request, products, (start, stop) in zip(requests, shown, logged.examples.bounds, strict=True):
        places = [request.ids.index(product) for product in products]
        expected = registry.matrix(offline.context(request, time.time()))[places]
        assert logged.examples.matrix[start:stop] == pytest.approx(expected, rel=1e-3, abs=1e-3, nan_ok=True)
