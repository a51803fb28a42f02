import pytest

from shelfwise.clients.breaker import Breaker
from shelfwise.clients.replicas import Replicas
from shelfwise.errors import UpstreamUnavailable


def replicas(urls: str) -> Replicas:
    return Replicas("ranker", urls, lambda: Breaker(threshold=1, open_s=60))


def asked(group: Replicas, times: int) -> list[str]:
    return [group.enter().url for _ in range(times)]


def test_takes_turns() -> None:
    assert asked(replicas("http://a:1/, http://b:2"), 4) == ["http://a:1", "http://b:2", "http://a:1", "http://b:2"]


def test_skips_the_broken_one() -> None:
    group = replicas("http://a:1,http://b:2,http://c:3")
    group.all[1].breaker.fail()
    assert set(asked(group, 6)) == {"http://a:1", "http://c:3"}


def test_says_so_when_all_are_broken() -> None:
    group = replicas("http://a:1,http://b:2")
    for replica in group.all:
        replica.breaker.fail()
    with pytest.raises(UpstreamUnavailable, match="the ranker kept failing"):
        group.enter()


def test_another_one_or_none() -> None:
    group = replicas("http://a:1,http://b:2")
    for _ in range(4):
        assert group.enter_other(group.all[0]) is group.all[1]
    assert asked(group, 2) == ["http://a:1", "http://b:2"], "nobody lost a turn"
    group.all[1].breaker.fail()
    assert group.enter_other(group.all[0]) is None
    alone = replicas("http://a:1")
    assert alone.enter_other(alone.all[0]) is None


@pytest.mark.parametrize("urls", ["", " , ", "ranker:8103"])
def test_refuses_what_is_no_address(urls: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        replicas(urls)
