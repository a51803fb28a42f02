"""What the feature log keeps of ranked requests, and what it drops."""

from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from shelfwise.contracts.rank import RankRequest
from shelfwise.settings import WrongSetting
from shelfwise_ranker.feature_log import LOGGED, FeatureLog, features_digest, packed, unpacked
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import LISTED
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.settings import RankerSettings
from shelfwise_ranker.warm_up import warm_up_requests

NOW = 1_780_000_000.0


@pytest.fixture
def request_(built: Path) -> RankRequest:
    return warm_up_requests(built)[0]


def dropped(metrics: CollectorRegistry) -> float | None:
    return metrics.get_sample_value("shelfwise_rankings_not_logged_total")


def test_the_log_keeps_the_best_candidates_with_the_feature_values_used(ranker: Ranker, request_: RankRequest) -> None:
    log = FeatureLog(1.0, 10_000_000, CollectorRegistry())
    ranking = ranker.rank(request_, NOW, complete=True)
    log.note("r1", ranking)
    [logged] = log.take(10)
    assert log.take(10) == []
    assert (logged.request_id, logged.asked_at, logged.bundle, logged.kind) == ("r1", NOW, "v1", request_.kind)
    assert len(logged.product_ids) == min(LOGGED, len(request_.ids))
    place_of = {product_id: place for place, product_id in enumerate(request_.ids)}
    scores = [ranking.response.scores[place_of[product_id]] for product_id in logged.product_ids]
    assert scores == sorted(ranking.response.scores, reverse=True)[:LOGGED]
    expected = registry.matrix(ranker.context(request_, NOW))[[place_of[product_id] for product_id in logged.product_ids]]
    np.testing.assert_array_equal(logged.matrix, expected)
    np.testing.assert_array_equal(unpacked(packed(logged.matrix), len(logged.product_ids)), expected)


def test_only_listed_text_requests_are_logged_under_the_listed_model(
    ranker: Ranker, request_: RankRequest, built: Path
) -> None:
    log = FeatureLog(1.0, 10_000_000, CollectorRegistry())
    product = next(request for request in warm_up_requests(built) if request.kind == "product")
    for asked in (request_, request_.model_copy(update={"listed": True}), product.model_copy(update={"listed": True})):
        log.note("r", ranker.rank(asked, NOW))
    assert [(logged.kind, logged.model) for logged in log.take(10)] == [
        ("text", "text"), ("text", LISTED), ("product", "product")
    ]  # fmt: skip


def test_rankings_that_do_not_fit_are_dropped_and_counted_until_others_are_taken(ranker: Ranker, request_: RankRequest) -> None:
    ranking = ranker.rank(request_, NOW)
    metrics = CollectorRegistry()
    log = FeatureLog(1.0, 2 * ranking.matrix[:LOGGED].nbytes, metrics)
    for number in range(5):
        log.note(f"r{number}", ranking)
    assert dropped(metrics) == 3
    assert [logged.request_id for logged in log.take(10)] == ["r0", "r1"]
    log.note("later", ranking)
    assert [logged.request_id for logged in log.take(10)] == ["later"]


def test_the_sample_has_its_share_and_is_the_same_on_every_replica() -> None:
    one, other = (FeatureLog(0.3, 1_000, CollectorRegistry()) for _ in range(2))
    ids = [f"request-{number}" for number in range(2_000)]
    assert 0.27 < sum(map(one.wants, ids)) / len(ids) < 0.33
    assert list(map(one.wants, ids)) == list(map(other.wants, ids))
    assert not any(map(FeatureLog(0.0, 1_000, CollectorRegistry()).wants, ids))
    assert all(map(FeatureLog(1.0, 1_000, CollectorRegistry()).wants, ids))


def test_every_question_kind_has_its_own_features_digest() -> None:
    assert len({features_digest(kind) for kind in registry.KINDS}) == len(registry.KINDS)


def test_too_large_a_number_of_days_raises_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL has no such interval, so nothing would ever be deleted."""
    monkeypatch.setenv("SHELFWISE_RANKER_FEATURE_LOG_DAYS", "1e12")
    with pytest.raises(WrongSetting, match="expected less than or equal to 36500, found '1e12'"):
        RankerSettings()
