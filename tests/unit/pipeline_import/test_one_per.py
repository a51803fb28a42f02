"""One product out of many sales lines."""

import polars as pl

from shelfwise_pipeline.importing.mapping.one_per import Tally

LINES = pl.DataFrame(
    {
        "line": range(2, 10),
        "__mended": [False, True, False, False, False, False, False, False],
        "product_id": ["a", "a ", "a", "b", "a", None, "b", ""],
        "title": ["Comb", "Comb (old)", "Comb", None, " Comb", "Ghost", "Brush", "Ghost"],
        "price": [1.0, 9.0, 2.0, 5.0, 2.0, 1.0, None, 1.0],
        "category": [["A"], ["B"], ["B"], None, None, None, ["C"], None],
    }
)


def test_a_product_takes_its_commonest_title_and_its_median_price() -> None:
    tally = Tally()
    tally.add(LINES)
    a, b, nobody, blank = tally.products().rows(named=True)
    assert a == {"line": 2, "__mended": True, "product_id": "a", "title": "Comb", "price": 2.0, "category": ["B"]}
    assert b == {"line": 5, "__mended": False, "product_id": "b", "title": "Brush", "price": 5.0, "category": ["C"]}
    assert (nobody["line"], nobody["product_id"], blank["line"]) == (7, None, 9)
    assert tally.lines == 8


def test_lines_added_in_parts_give_the_same_products() -> None:
    whole, parts = Tally(), Tally()
    whole.add(LINES)
    for row in LINES.iter_slices(1):
        parts.add(row)
        parts._settle()
    assert parts.products().equals(whole.products())


def test_among_equally_common_titles_the_first_files_is_taken() -> None:
    products = [f"p{number}" for number in range(50)]
    tally = Tally()
    for title in ("Comb", "Brush"):
        lines = {"line": range(2, 52), "__mended": [False] * 50, "product_id": products, "title": [title] * 50}
        tally.add(pl.DataFrame(lines))
    assert set(tally.products()["title"]) == {"Comb"}


def test_a_tally_without_lines_has_no_products() -> None:
    assert Tally().products().is_empty()
