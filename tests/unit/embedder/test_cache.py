from shelfwise_embedder.cache import VectorCache
from shelfwise_embedder.job import Embedded


def _embedded(number: int) -> Embedded:
    return Embedded(number.to_bytes(2) * 768, tokens=number)


def test_the_cache_never_exceeds_its_size_in_bytes() -> None:
    cache = VectorCache(100_000)
    for number in range(1_000):
        cache.put(f"query number {number}", _embedded(number))
        assert cache.size_bytes <= 100_000
    assert 0 < len(cache) < 100
    assert cache.get("query number 999") == _embedded(999)
    assert cache.get("query number 0") is None


def test_the_least_recently_used_vector_is_dropped_first() -> None:
    cache = VectorCache(6_000)
    for number in range(3):
        cache.put(str(number), _embedded(number))
    assert len(cache) == 3
    cache.get("0")
    cache.put("3", _embedded(3))
    assert cache.get("0") is not None
    assert cache.get("1") is None


def test_putting_a_text_again_does_not_count_it_twice() -> None:
    cache = VectorCache(10_000)
    cache.put("nail polish", _embedded(1))
    size = cache.size_bytes
    cache.put("nail polish", _embedded(2))
    assert (len(cache), cache.size_bytes) == (1, size)
    assert cache.get("nail polish") == _embedded(2)


def test_a_vector_larger_than_the_cache_is_not_kept() -> None:
    cache = VectorCache(1_000)
    cache.put("nail polish", _embedded(1))
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_a_non_ascii_text_counts_more_bytes() -> None:
    plain, wide = VectorCache(10_000), VectorCache(10_000)
    plain.put("a" * 100, _embedded(1))
    wide.put("é" * 100, _embedded(1))
    assert wide.size_bytes > plain.size_bytes
