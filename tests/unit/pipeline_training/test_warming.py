"""A bundle's warm-up questions tell nothing about its shoppers."""

from pathlib import Path

import numpy as np
import pytest

from shelfwise.contracts.rank import RankRequest
from shelfwise_pipeline.training.warming import of_nobody
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.history import history
from tests.support.ranker import Trained, shop_events, shop_products


@pytest.fixture(scope="module")
def built(trained: Trained) -> Path:
    return trained.folder


def test_warm_up_histories_and_their_candidates_match_no_shopper(built: Path) -> None:
    events = shop_events(shop_products()).filter(type="purchase")
    of_shoppers = [set(products) for (products,) in events.group_by("user_id").agg("product_id").select("product_id").rows()]
    asked = [request for request in warm_up_requests(built) if request.kind == "user"]
    assert asked
    for request in asked:
        assert request.history is not None
        assert request.history.orders
        found = {product for product, score in zip(request.ids, request.scores["own"], strict=True) if score is not None}
        for told in (set(request.history.products), found):
            assert len(told) > 1
            assert not any(told <= bought for bought in of_shoppers)


def test_of_nobody_keeps_the_sizes_of_a_request_but_not_its_products(built: Path) -> None:
    table = ProductTable.load(built)
    past = history(*((product, day, day % 2, 0, 1) for day, product in enumerate(table.ids[:150])))
    asked = RankRequest(
        kind="user", seeds=["p001"], ids=table.ids[:100], history=past, scores={"own": [1.0, None] * 50, "dense": [0.5] * 100}
    )
    made, again = (of_nobody(asked, table, np.random.default_rng(7)) for _ in range(2))
    assert made == again == RankRequest.model_validate(made.model_dump())
    assert made.history is not None
    assert len(set(made.history.products)) == 150
    assert len(set(made.history.products) & set(made.ids)) >= 50
    assert (len(set(made.ids)), len(made.seeds)) == (100, 1)
    assert [score is None for score in made.scores["own"]] == [False, True] * 50
    assert made.ids != asked.ids


def test_of_nobody_keeps_a_missing_or_empty_history(built: Path) -> None:
    table = ProductTable.load(built)
    for past in (None, history()):
        asked = RankRequest(kind="user", ids=table.ids[:3], history=past, scores={})
        assert of_nobody(asked, table, np.random.default_rng(7)).history == past
