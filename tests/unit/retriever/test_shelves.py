"""The numbers of categories and brands."""

import polars as pl

from shelfwise_retriever import frame
from shelfwise_retriever.shelves import Shelves


def test_a_value_has_one_number_however_it_is_written() -> None:
    brands = ["Côte d'Or", "CÔTE  D’OR", "Cote d'Or", None]
    categories = [["Food", "İstanbul"], ["Istanbul"], [], ["food"]]
    ids = ["1", "2", "3", "4"]
    shelves = Shelves.of(frame.tidy(pl.DataFrame({"product_id": ids, "title": ids, "brand": brands, "category": categories})))
    later = [{"brand": "côte d'or", "category": ["FOOD"]}, {"brand": "Bolt", "category": ["istanbul"]}, {}]
    for row, product in enumerate(later, start=4):
        shelves.put(row, product)
    assert shelves.brand.tolist() == [2, 2, 1, 0, 2, 3, 0]
    assert shelves.category.tolist() == [2, 2, 0, 1, 1, 2, 0]
    assert (shelves.brands, shelves.categories) == (3, 2)
