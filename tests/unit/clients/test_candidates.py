from typing import Any

import pytest

from shelfwise.clients import Candidates


def found(ids: str, order: list[float], **scores: list[float | None]) -> Candidates:
    products: list[dict[str, Any]] = [{"title": letter} for letter in ids]
    return Candidates("b", list(ids), order, scores, products, None)


ABC = found("abc", [3.0, 2.0, 1.0], dense=[0.9, None, 0.5], lexical=[None, 7.0, 7.0])


def titles(candidates: Candidates) -> str:
    return "".join(product["title"] for product in candidates.products)


def test_first_keeps_the_first_candidates_with_all_their_columns() -> None:
    assert ABC.first(3) is ABC
    best = ABC.first(2)
    assert (best.ids, best.order, best.scores, titles(best)) == (
        ["a", "b"],
        [3.0, 2.0],
        {"dense": [0.9, None], "lexical": [None, 7.0]},
        "ab",
    )


def test_joined_appends_new_candidates_after_all_others() -> None:
    both = ABC.joined(found("xb", [9.0, 8.0], dense=[0.8, 0.1], own=[4.0, 5.0]))
    assert (both.ids, both.order, titles(both)) == (["a", "b", "c", "x"], [3.0, 2.0, 1.0, 1.0], "abcx")
    assert both.scores == {"dense": [0.9, None, 0.5, None], "lexical": [None, 7.0, 7.0, None]}
    assert ABC.joined(found("ab", [2.0, 1.0])) is ABC
    alone = found("", []).joined(ABC)
    assert (alone.ids, alone.order) == (["a", "b", "c"], [0.0, 0.0, 0.0])


@pytest.mark.parametrize(("limit", "expected"), [(1, ["a"]), (2, ["a", "b"]), (3, ["a", "b", "d"]), (9, ["a", "b", "d"])])
def test_reach_is_the_lowest_score_among_the_best_of_a_source(limit: int, expected: list[str]) -> None:
    candidates = found("abcd", [4.0, 3.0, 2.0, 1.0], dense=[0.9, 0.5, None, 0.2])
    reach = candidates.reach(limit)["dense"]
    scored = zip(candidates.ids, candidates.scores["dense"], strict=True)
    assert [key for key, score in scored if score is not None and score >= reach] == expected
