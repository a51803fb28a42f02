"""The questions of the benchmarks: no two alike, the same for the same seed, made of the catalog's own words."""

import re

import polars as pl
import pytest

from benchmarks.catalog import BenchmarkError
from benchmarks.queries import make_queries


@pytest.fixture
def products() -> pl.DataFrame:
    kinds = ["Whole Milk", "Dark Chocolate Bar", "Dry Hair Shampoo", "Paper Towels", "Ground Coffee", "Strawberry Yogurt"]
    sizes = ["1 lb", "2.5 oz", "12 ct", "500 ml", "6 pk"]
    rows = [(f"{kind}, {size}", "National", ["Grocery", kind.split()[-1]]) for kind in kinds for size in sizes]
    return pl.DataFrame(rows, schema={"title": pl.String, "brand": pl.String, "category": pl.List(pl.String)}, orient="row")


def test_no_two_queries_are_alike_even_if_case_and_spaces_are_ignored(products: pl.DataFrame) -> None:
    queries = make_queries(products, 400, seed=1)
    assert len(queries) == 400
    assert len({" ".join(query.casefold().split()) for query in queries}) == 400


def test_the_seed_decides_the_queries(products: pl.DataFrame) -> None:
    assert make_queries(products, 100, seed=1) == make_queries(products, 100, seed=1)
    assert make_queries(products, 100, seed=1) != make_queries(products, 100, seed=2)


def test_a_longer_list_of_queries_begins_with_the_shorter_one(products: pl.DataFrame) -> None:
    assert make_queries(products, 300, seed=1)[:100] == make_queries(products, 100, seed=1)


def test_every_query_is_made_of_the_catalogs_words_and_says_something(products: pl.DataFrame) -> None:
    text = " ".join([*products["title"].to_list(), "National", "Grocery"]).casefold()
    for query in make_queries(products, 300, seed=1):
        assert re.search(r"[a-z]{3}", query, re.IGNORECASE), query
        for word in query.casefold().split():
            assert word in text, query


def test_products_without_brand_and_category_get_queries_too() -> None:
    products = pl.DataFrame(
        {"title": ["Green Tea Bags Large Box"], "brand": [None], "category": [[]]},
        schema={"title": pl.String, "brand": pl.String, "category": pl.List(pl.String)},
    )
    assert len(make_queries(products, 5, seed=1)) == 5


def test_a_catalog_too_small_for_the_queries_raises_benchmark_error(products: pl.DataFrame) -> None:
    with pytest.raises(BenchmarkError, match=r"expected 5000 different questions, the catalog's 1 titles give \d+"):
        make_queries(products.head(1), 5000, seed=1)


def test_an_empty_catalog_raises_benchmark_error(products: pl.DataFrame) -> None:
    with pytest.raises(BenchmarkError, match="give 0"):
        make_queries(products.clear(), 1, seed=1)
