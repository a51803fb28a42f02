from shelfwise.clients import Candidates
from shelfwise_gateway.answer import items_of, why_fewer
from shelfwise_gateway.ordering import Shown


def found(why: str | None = None, **scores: list[float | None]) -> Candidates:
    count = len(next(iter(scores.values())))
    products = [{"product_id": str(row), "title": f"t{row}"} for row in range(count)]
    return Candidates("b", [str(row) for row in range(count)], [0.0] * count, scores, products, why)


def sources(candidates: Candidates, limit: int) -> list[list[str]]:
    rows = list(range(len(candidates.ids)))
    items = items_of(Shown(rows, 0, 0), candidates, [0.0] * len(rows), {}, limit)
    return [item["sources"] for item in items]


def test_an_item_names_the_sources_that_have_it_among_their_best() -> None:
    candidates = found(dense=[0.9, 0.8, 0.1, None], lexical=[None, 2.0, 7.0, 5.0])
    assert sources(candidates, 2) == [["dense"], ["dense"], ["lexical"], ["lexical"]]
    assert sources(candidates, 9) == [["dense"], ["dense", "lexical"], ["dense", "lexical"], ["lexical"]]


def test_an_item_among_the_best_of_no_source_names_those_that_rank_it_highest() -> None:
    candidates = found(dense=[0.9, 0.8, 0.7, 0.1], lexical=[4.0, 3.0, 1.0, 2.0])
    assert sources(candidates, 1) == [["dense", "lexical"], ["dense"], ["dense"], ["lexical"]]
    tied = found(lexical=[4.0, 3.0, 2.0], dense=[0.9, 0.8, 0.8])
    assert sources(tied, 1)[2] == ["dense"], "one product is better there, two by words"


def test_a_pinned_item_that_no_source_found_names_no_sources() -> None:
    assert sources(found(dense=[0.9, None]), 5) == [["dense"], []]


def test_why_fewer_counts_found_filtered_excluded_and_variant_products() -> None:
    four = found(dense=[1.0] * 4)
    assert why_fewer(Shown([0, 1], 2, 0), 2, four) is None
    assert why_fewer(Shown([0, 1], 2, 0), 3, four) == "2 of 4 products found are variants of those shown"
    assert why_fewer(Shown([0], 1, 2), 3, four) == (
        "1 of 4 products found are variants of those shown; 2 of 4 products found are excluded"
    )
    assert why_fewer(Shown([0, 1, 2, 3], 0, 0), 9, four) == "only 4 products were found"
    assert why_fewer(Shown([0], 0, 0), 9, found(dense=[1.0])) == "only 1 product was found"
    filtered = found("only 4 products satisfy the filter", dense=[1.0] * 4)
    assert why_fewer(Shown([0, 1, 2, 3], 0, 0), 9, filtered) == "only 4 products satisfy the filter"
    assert why_fewer(Shown([0, 1], 2, 0), 9, filtered) == (
        "only 4 products satisfy the filter; 2 of 4 products found are variants of those shown"
    )
    assert (
        why_fewer(Shown([], 0, 0), 9, found("no product satisfies the filter", dense=[])) == "no product satisfies the filter"
    )
    assert why_fewer(Shown([], 0, 0), 9, found(dense=[]), "nothing is known about this shopper yet") == (
        "nothing is known about this shopper yet"
    )


def test_why_fewer_for_a_shoppers_own_products_does_not_speak_of_the_catalog() -> None:
    """Because the caller sent neither a filter nor a question."""
    few = found("only 1 of the 91669 products that satisfy the filter matches the question", dense=[1.0])
    assert why_fewer(Shown([0], 0, 0), 9, few, own=True) == "only 1 product of this shopper's history can be shown"
    three = found(dense=[1.0] * 3)
    assert why_fewer(Shown([0, 1], 1, 0), 9, three, own=True) == (
        "only 3 products of this shopper's history can be shown; 1 of 3 products found are variants of those shown"
    )
    none = found("only 3 products are in the catalog", dense=[])
    assert why_fewer(Shown([], 0, 0), 9, none, own=True) == "no product of this shopper's history can be shown"
    assert why_fewer(Shown([], 0, 0), 9, none, "nothing is known about this shopper yet", own=True) == (
        "nothing is known about this shopper yet"
    )
