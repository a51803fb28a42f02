"""The everyday queries: judged by category names alone."""

from benchmarks.relevance.everyday import EverydayQuery, read_queries

WINE = EverydayQuery("others", "red wine", ("*wine*",), ("*vinegar*",))


def test_a_product_answers_by_any_name_in_its_category_path() -> None:
    assert WINE.answered_by(["Grocery", "Domestic Wine", "Popular, 750 ml"])
    assert not WINE.answered_by(["Grocery", "Fruit", "Red Grapes"])


def test_an_excluded_category_never_answers_whatever_else_the_path_has() -> None:
    assert not WINE.answered_by(["Grocery", "Wine", "Wine and Rice Vinegar"])


def test_the_share_is_of_the_products_that_are_shown() -> None:
    assert WINE.share([["Wine"], ["Red Grapes"]]) == 0.5
    assert WINE.share([]) == 0.0


def test_every_query_of_the_file_is_asked_once_and_has_an_answer() -> None:
    queries = read_queries()
    assert len({query.text for query in queries}) == len(queries) > 60
    assert all(query.accept for query in queries)
