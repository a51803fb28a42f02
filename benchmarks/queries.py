"""Questions that shoppers of this catalog could ask. They are seeded and all different, so that no cache can help a system."""

import random
import re
from collections.abc import Callable, Iterator
from itertools import islice

import polars as pl

from benchmarks.catalog import BenchmarkError

_WORD = re.compile(r"[0-9a-z][0-9a-z'.%&-]*", re.IGNORECASE)
# No shopper asks for "1 lb" or "3.25 oz" alone.
_MEANT = re.compile(r"[^\W\d_]{3,}")


def make_queries(products: pl.DataFrame, count: int, seed: int) -> list[str]:
    """`count` distinct texts (case and spacing ignored) made from titles, parts of titles, brands and categories.

    `products` has the columns title, brand and category. The same arguments give the same texts.

    Raises:
        BenchmarkError: the catalog has too few texts for `count` different questions.
    """
    queries = list(islice(_distinct(_endless(products, random.Random(seed)), patience=50_000), count))
    if len(queries) < count:
        raise BenchmarkError(
            f"expected {count} different questions, the catalog's {products.height} titles give {len(queries)}; "
            "measure fewer or shorter rounds"
        )
    return queries


def _distinct(texts: Iterator[str], patience: int) -> Iterator[str]:
    """Each text once. Ends after `patience` repeated texts in a row."""
    seen: set[str] = set()
    since_new = 0
    for text in texts:
        key = " ".join(text.casefold().split())
        since_new += 1
        if key not in seen and _MEANT.search(key):
            seen.add(key)
            since_new = 0
            yield text
        elif since_new >= patience:
            return


def _endless(products: pl.DataFrame, chance: random.Random) -> Iterator[str]:
    """Endless texts that ask for random products in random ways."""
    rows = products.select("title", "brand", "category").unique(maintain_order=True).rows()
    if not rows:
        return
    while True:
        title, brand, category = chance.choice(rows)
        words = _WORD.findall(title)
        narrowest = category[-1] if category else ""
        if words:
            yield chance.choice(_WAYS)(words, brand or "", narrowest, chance)


def _whole_title(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    return " ".join(words)


def _first_words(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    return " ".join(words[: chance.randint(1, len(words))])


def _some_words(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    kept = chance.sample(range(len(words)), k=min(len(words), chance.randint(1, 3)))
    return " ".join(words[place] for place in kept).lower()


def _half_typed(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    text = " ".join(words).lower()
    return text[: chance.randint(min(len(text), 4), len(text))].strip()


def _with_brand(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    return f"{brand} {_some_words(words, brand, category, chance)}".strip()


def _with_category(words: list[str], brand: str, category: str, chance: random.Random) -> str:
    return f"{_some_words(words, brand, category, chance)} {category}".strip().lower()


_WAYS: tuple[Callable[[list[str], str, str, random.Random], str], ...] = (
    _whole_title,
    _first_words,
    _some_words,
    _half_typed,
    _with_brand,
    _with_category,
)
