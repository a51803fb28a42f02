"""From requests to scores and reasons."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.rank import RankRequest
from shelfwise.errors import InvalidRequest
from shelfwise_ranker.features import registry
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.ranker import SmallRetriever, encode, shop_products

NOW = 1_780_000_000.0


def text_request(text: str = "nail polish", **changes: Any) -> RankRequest:
    found = SmallRetriever(shop_products()).retrieve(kind="text", text=text, vector=encode([text])[0], limit=40)
    scores = {name: [None if math.isnan(x) else x for x in column.tolist()] for name, column in found.scores.items()}
    fields = {"kind": "text", "text": text, "ids": found.ids, "scores": scores}
    return RankRequest.model_validate(fields | changes)


def product_request(explain: int = 0) -> RankRequest:
    found = SmallRetriever(shop_products()).retrieve(kind="product", seeds=("p000",), limit=40)
    scores = {"dense": found.scores["dense"].tolist()}
    return RankRequest.model_validate(
        {"kind": "product", "seeds": ["p000"], "ids": found.ids, "scores": scores, "explain": explain}
    )


def test_the_best_candidate_for_a_text_has_its_words(ranker: Ranker) -> None:
    request = text_request()
    scores = ranker.rank(request, NOW).response.scores
    best = request.ids[int(np.argmax(scores))]
    assert ranker.table.titles[ranker.table.row_of[best]].startswith("Nail Polish")


def test_coverage_is_the_share_of_the_text_that_the_best_candidate_has(ranker: Ranker) -> None:
    def coverage(request: RankRequest) -> float | None:
        return ranker.rank(request, NOW).response.coverage

    known = text_request()
    assert coverage(known) == pytest.approx(1.0)
    assert coverage(text_request("nail qwertzui", ids=known.ids, scores=known.scores)) == pytest.approx(0.4, abs=0.25)
    assert coverage(text_request("zxqv qwertzui", ids=known.ids, scores=known.scores)) == 0.0
    assert coverage(text_request("???", ids=known.ids, scores=known.scores)) == 0.0
    assert coverage(product_request()) is None
    scores: dict[str, list[float | None]] = {name: [*column, None] for name, column in known.scores.items()}
    assert (
        coverage(text_request(ids=[*known.ids, "new"], scores=scores)) is None
    )  # the ranker does not know this product's words


@pytest.mark.parametrize("make", [text_request, product_request])
def test_reasons_sum_to_the_score(ranker: Ranker, make: Callable[..., RankRequest]) -> None:
    request = make(explain=10)
    response = ranker.rank(request, NOW).response
    best = [request.ids[place] for place in np.argsort(-np.array(response.scores), kind="stable")[:10]]
    assert list(response.reasons) == best
    for product_id, reason in response.reasons.items():
        score = response.scores[request.ids.index(product_id)]
        assert reason.base + sum(reason.contributions.values()) == pytest.approx(score, abs=1e-6)
        assert set(reason.contributions) <= set(registry.names(request.kind))


def test_reason_sentences_quote_the_query_or_seed_and_name_no_features(ranker: Ranker) -> None:
    said = [reason.sentence for reason in ranker.rank(text_request(explain=20), NOW).response.reasons.values()]
    assert any("matches “nail polish”" in sentence for sentence in said)
    about_seed = [reason.sentence for reason in ranker.rank(product_request(explain=20), NOW).response.reasons.values()]
    assert any("“Nail Polish 2 Oz”" in sentence for sentence in about_seed)
    assert all("_" not in sentence and sentence for sentence in [*said, *about_seed])


def test_no_reasons_are_given_unless_requested(ranker: Ranker) -> None:
    assert ranker.rank(text_request(), NOW).response.reasons == {}


def test_products_that_the_ranker_does_not_know_are_scored_too(ranker: Ranker) -> None:
    request = text_request()
    request = RankRequest.model_validate(
        {**request.model_dump(), "ids": [*request.ids, "brand-new"], "scores": {"dense": [0.5] * (len(request.ids) + 1)}}
    )
    ranking = ranker.rank(request, NOW)
    assert all(math.isfinite(score) for score in ranking.response.scores)
    assert math.isnan(ranking.matrix[-1, registry.names("text").index("log_price")])


def test_lexical_scores_alone_still_rank_a_matching_title_first(ranker: Ranker) -> None:
    request = text_request()
    lexical_only = request.model_copy(update={"scores": {"lexical": request.scores["lexical"]}})
    scores = ranker.rank(lexical_only, NOW).response.scores
    best = request.ids[int(np.argmax(scores))]
    assert "Nail" in ranker.table.titles[ranker.table.row_of[best]]


def test_a_request_without_candidates_has_no_scores(ranker: Ranker) -> None:
    assert ranker.rank(text_request(ids=[], scores={"dense": []}), NOW).response.scores == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scores": {"dense": [1.0]}}, "scores.dense: expected 40 numbers"),
        ({"text": "  "}, "text: expected the question's text"),
        ({"kind": "product"}, "seeds: expected at least one product id"),
    ],
)
def test_an_inconsistent_request_raises_invalid_request(ranker: Ranker, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        ranker.rank(text_request(**changes), NOW)


def test_equal_requests_get_equal_responses_from_two_rankers(ranker: Ranker, built: Path) -> None:
    again = Ranker.open(built, "v1")
    for request in warm_up_requests(built):
        assert ranker.rank(request, NOW).response == again.rank(request, NOW).response


def test_a_feature_that_the_model_ignores_is_not_computed_and_changes_nothing(ranker: Ranker, built: Path) -> None:
    skipped = 0
    for request in warm_up_requests(built):
        lean, complete = ranker.rank(request, NOW), ranker.rank(request, NOW, complete=True)
        assert lean.response == complete.response
        ignored = [name not in ranker.models[request.kind].used for name in registry.names(request.kind)]
        computed = ~np.isnan(lean.matrix)
        np.testing.assert_array_equal(lean.matrix[computed], complete.matrix[computed])
        skipped += int((np.isnan(lean.matrix) & ~np.isnan(complete.matrix))[:, ignored].sum())
        assert not (np.isnan(lean.matrix) & ~np.isnan(complete.matrix))[:, np.logical_not(ignored)].any()
    assert skipped > 0
