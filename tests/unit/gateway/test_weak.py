"""Whether an answer says that nothing fits."""

from dataclasses import replace
from typing import Any

import pytest

from shelfwise.clients import Candidates, Ranking
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.weak import NOTHING_ALLOWED_FITS, NOTHING_FITS, fits_nothing
from tests.unit.gateway.asked import Gateway
from tests.unit.gateway.catalog import Fakes


@pytest.fixture
def gateway() -> Gateway:
    """Nearness in meaning is at most 1 here, so a text with few of its words in the best product is weak."""
    gateway = Gateway(
        Fakes(),
        hiding={"question": "text", "when_weak": "empty", "pins": [{"product_id": "7", "position": 1}]},
        by_source={"question": "text", "sources": ["lexical"], "order": "retriever"},
    )
    gateway.fakes.retriever.dense_by_chance = 1.5
    gateway.fakes.ranker.coverage = 0.3
    return gateway


@pytest.mark.parametrize(
    ("by_chance", "dense", "coverage", "weak"),
    [
        (0.5, [0.2, None, 0.4], 0.4, True),
        (0.5, [0.2, None, 0.6], 0.4, False),
        (0.5, [0.2, None, 0.4], 0.5, False),
        (None, [0.2, None, 0.4], 0.4, False),
        (0.5, [0.2, None, 0.4], None, False),
        (0.5, [None, None, None], 0.4, False),
        (0.5, None, 0.4, False),
    ],
)
def test_nothing_fits_only_if_neither_words_nor_meaning_fit(
    by_chance: float | None, dense: list[float | None] | None, coverage: float | None, weak: bool
) -> None:
    scores = {"dense": dense} if dense is not None else {}
    candidates = Candidates("1", list("abc"), [0.0] * 3, scores, [{}] * 3, None, dense_by_chance=by_chance)
    ranking = Ranking("1", [0.0] * 3, coverage)
    assert fits_nothing(candidates, ranking) is weak
    assert not fits_nothing(replace(candidates, named="a"), ranking), "its id was typed"


async def test_an_answer_in_which_nothing_fits_is_weak_and_keeps_its_items(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail asdf qwer", top_k=2)
    assert (answer.weak, len(answer.items), answer.why_fewer) == (True, 2, None)
    gateway.fakes.ranker.coverage = 1.0
    answer = await gateway.ask(product_name="nail paints", top_k=2)
    assert answer.weak is False
    assert "weak" not in answer.model_fields_set


async def test_a_weak_answer_is_empty_in_a_scenario_with_when_weak_empty(gateway: Gateway) -> None:
    answer = await gateway.ask(product_name="nail asdf qwer", scenario="hiding", explain=True)
    assert (answer.weak, answer.items, answer.recommendations, answer.why_fewer) == (True, [], [], NOTHING_FITS)
    answer = await gateway.ask(product_name="nail", scenario="hiding", filter={"brand": "Acme"})
    assert (answer.weak, answer.items, answer.why_fewer) == (True, [], NOTHING_ALLOWED_FITS)
    gateway.fakes.ranker.coverage = 1.0
    assert (await gateway.ask(product_name="nail", scenario="hiding")).items


async def test_an_answer_is_not_weak_where_its_fit_is_not_known(gateway: Gateway) -> None:
    assert not (await gateway.ask(product_name="nail asdf qwer", scenario="by-source")).weak
    assert not (await gateway.ask(product_name="nothing has any of it")).weak  # nothing found, and why_fewer says so
    for service in (gateway.fakes.embedder, gateway.fakes.ranker):
        service.fault = UpstreamUnavailable("down")
        answer = await gateway.ask(product_name="nail asdf qwer")
        assert (answer.weak, len(answer.degraded)) == (False, 1)
        service.fault = None


async def test_the_last_good_answer_is_still_weak(gateway: Gateway) -> None:
    await gateway.ask(product_name="nail asdf qwer")
    gateway.fakes.retriever.fault = UpstreamUnavailable("down")
    answer = await gateway.ask(product_name="nail asdf qwer")
    assert (answer.weak, answer.degraded) == (True, ["last_good"])


@pytest.mark.parametrize("said", [{"question": "product"}, {"question": "text", "order": "retriever"}])
def test_when_weak_empty_is_refused_where_the_fit_cannot_be_known(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="when_weak: expected keep"):
        Scenario.model_validate({**said, "when_weak": "empty"})
