import pytest

from shelfwise.clients.breaker import Breaker
from shelfwise.clients.replicas import Replicas
from shelfwise.errors import UpstreamUnavailable


def replicas(urls: str) -> Replicas:
    return Replicas("ranker", urls, lambda: Breaker(threshold=1, open_s=60))


def asked(group: Replicas, times: int) -> list[str]:
    return [group.enter().url for _ in range(times)]


def test_replicas_take_turns() -> None:
    assert asked(replicas("http://a:1/, http://b:2,http://c:3"), 4) == ["http://a:1", "http://b:2", "http://c:3", "http://a:1"]


def test_a_replica_with_an_open_breaker_is_skipped() -> None:
    group = replicas("http://a:1,http://b:2,http://c:3")
    group.all[1].breaker.fail()
    assert set(asked(group, 6)) == {"http://a:1", "http://c:3"}


def test_entering_with_all_breakers_open_raises_upstream_unavailable() -> None:
    group = replicas("http://a:1,http://b:2")
    for replica in group.all:
        replica.breaker.fail()
    with pytest.raises(UpstreamUnavailable, match="the ranker kept failing"):
        group.enter()


def test_enter_other_gives_another_healthy_replica_or_none() -> None:
    group = replicas("http://a:1,http://b:2")
    for _ in range(4):
        assert group.enter_other(group.all[0]) is group.all[1]
    assert asked(group, 2) == ["http://a:1", "http://b:2"], "nobody lost a turn"
    group.all[1].breaker.fail()
    assert group.enter_other(group.all[0]) is None
    alone = replicas("http://a:1")
    assert alone.enter_other(alone.all[0]) is None


def test_a_problem_is_logged_again_after_the_replica_was_reached(caplog: pytest.LogCaptureFixture) -> None:
    replica = replicas("http://a:1").all[0]
    for problem in ("refused", "refused", "reset"):
        replica.unreached(problem)
    replica.reached()
    replica.unreached("reset")
    assert [vars(record)["problem"] for record in caplog.records] == ["refused", "reset", "reset"]


@pytest.mark.parametrize("urls", ["", " , ", "ranker:8103"])
def test_urls_without_a_valid_address_are_refused(urls: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        replicas(urls)
