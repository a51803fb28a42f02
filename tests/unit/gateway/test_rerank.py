"""Reranking a caller's own list, over the fakes."""

from typing import Any

import pytest

from shelfwise.errors import Internal, UnknownProduct, UpstreamUnavailable
from tests.unit.gateway.asked import Gateway, ids
from tests.unit.gateway.catalog import Fakes, history


@pytest.fixture
def gateway() -> Gateway:
    fakes = Fakes()
    fakes.ranker.histories = {"buyer": history(("7", 4, 0), ("6", 1, 1))}
    return Gateway(fakes)


async def test_every_known_candidate_is_returned_best_first(gateway: Gateway) -> None:
    answer = await gateway.rerank(candidates=["7", "6", "nobody", "2", "3", "1", "none", "6"], product_name="red nail file")
    assert set(ids(answer)) == {"7", "6", "2", "3", "1"}
    assert [item.rank for item in answer.items] == [1, 2, 3, 4, 5]
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)
    assert ids(answer)[-1] == "7", "no word of it fits, and it is answered all the same"
    assert answer.unknown == ["nobody", "none"]
    assert answer.why_fewer == "of 7 candidates: 2 not in the catalog"
    assert (answer.degraded, answer.bundle) == ([], "fake-1")
    assert answer.recommendations == [item.name for item in answer.items]
    question = gateway.fakes.retriever.asked[-1]
    assert (question.kind, question.only, question.per_text, question.filter) == (
        "text",
        ["7", "6", "nobody", "2", "3", "1", "none"],
        None,
        None,
    )


async def test_candidates_are_reranked_for_a_shopper(gateway: Gateway) -> None:
    answer = await gateway.rerank(candidates=["1", "6", "7"], user_id="buyer")
    assert ids(answer)[0] == "7"
    assert gateway.fakes.retriever.asked[-1].kind == "user"
    assert answer.why_fewer is None


async def test_a_text_with_a_session_passes_the_history_along(gateway: Gateway) -> None:
    await gateway.rerank(candidates=["1", "6"], product_name="nail", session_id="buyer")
    question = gateway.fakes.retriever.asked[-1]
    assert (question.kind, question.text, question.history["products"]) == ("text", "nail", ["7", "6"])  # type: ignore[index]
    assert gateway.fakes.ranker.asked[-1].history == question.history


@pytest.mark.parametrize(("about", "kind"), [({"product_id": "6"}, "product"), ({"cart": ["6"]}, "together")])
async def test_the_product_or_cart_asked_about_is_not_returned_itself(
    gateway: Gateway, about: dict[str, Any], kind: str
) -> None:
    answer = await gateway.rerank(candidates=["6", "7", "1"], **about)
    assert (ids(answer), gateway.fakes.retriever.asked[-1].kind) == (["1", "7"], kind)
    assert answer.why_fewer == "of 3 candidates: 1 excluded by the filter or asked about"


async def test_the_filter_and_top_k_apply_to_the_candidates(gateway: Gateway) -> None:
    answer = await gateway.rerank(candidates=["1", "2", "3", "x"], product_name="red paints", filter={"brand": "Acme"})
    assert (set(ids(answer)), answer.unknown) == ({"1", "2"}, ["x"])
    assert answer.why_fewer == "of 4 candidates: 1 not in the catalog, 1 excluded by the filter or asked about"
    one = await gateway.rerank(candidates=["1", "2", "3", "x"], product_name="red paints", top_k=1)
    assert (len(one.items), one.why_fewer, one.unknown) == (1, None, ["x"])


async def test_the_product_whose_id_was_typed_comes_first(gateway: Gateway) -> None:
    asked: dict[str, Any] = {"candidates": ["6", "1", "7"], "product_name": "7", "explain": True}
    answer = await gateway.rerank(**asked)
    assert ids(answer)[0] == "7"
    assert answer.items[0].reason
    assert answer.items[0].reason.parts[0].code == "has_product_number"
    assert ids(await gateway.rerank(**asked | {"candidates": ["6", "1"]})) == ["1", "6"]


async def test_collapse_shows_variants_once(gateway: Gateway) -> None:
    listed = ["1", "3", "4", "5"]
    assert set(ids(await gateway.rerank(candidates=listed, product_name="nail"))) == set(listed)
    answer = await gateway.rerank(candidates=listed, product_name="nail", collapse=True)
    assert len(answer.items) == 2
    assert answer.why_fewer == "of 4 candidates: 2 variants of those shown"
    assert len(gateway.fakes.retriever.asked) == 2, "a second, larger round would find no more"


async def test_a_list_of_1000_candidates_is_reranked_and_explained(gateway: Gateway) -> None:
    listed = [f"x{number}" for number in range(993)] + list("1234567")
    answer = await gateway.rerank(candidates=listed, product_name="nail", explain=True)
    assert (len(answer.items), len(answer.unknown), gateway.fakes.retriever.limits) == (7, 993, [1000])
    assert all(item.reason is not None for item in answer.items)


async def test_a_list_of_unknown_candidates_is_not_ranked(gateway: Gateway) -> None:
    answer = await gateway.rerank(candidates=["x"], product_name="nail")
    assert (answer.items, answer.unknown, gateway.fakes.ranker.calls) == ([], ["x"], 0)


async def test_candidates_are_returned_without_embedder_context_and_ranker(gateway: Gateway) -> None:
    gateway.fakes.embedder.fault = gateway.fakes.ranker.fault = UpstreamUnavailable("down")
    answer = await gateway.rerank(candidates=["7", "6", "1"], product_name="nail paints", user_id="buyer")
    assert set(answer.degraded) == {"without_embedder", "without_context", "without_ranker"}
    assert ids(answer) == ["1", "6", "7"]


async def test_without_the_retriever_reranking_raises_upstream_unavailable(gateway: Gateway) -> None:
    gateway.fakes.retriever.fault = Internal("defect")
    with pytest.raises(UpstreamUnavailable):
        await gateway.rerank(candidates=["1"], product_name="nail")


async def test_an_unknown_product_asked_about_raises_unknown_product(gateway: Gateway) -> None:
    with pytest.raises(UnknownProduct, match="'nobody'"):
        await gateway.rerank(candidates=["1"], product_id="nobody")
