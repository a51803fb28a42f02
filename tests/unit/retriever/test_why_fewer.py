"""Sentences that say why an answer holds fewer candidates than were asked for."""

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.why_fewer import unknown_listed, why_fewer


def test_listed_products_that_are_not_in_the_catalog_are_named_up_to_five() -> None:
    find = {"milk": 0, "bread": 1}.get
    assert unknown_listed(["milk", "bread"], find) is None
    assert unknown_listed(["milk", "a"], find) == "1 of the 2 listed products is not in the catalog: 'a'"
    five = "5 of the 6 listed products are not in the catalog: 'a', 'b', 'c', 'd', 'e'"
    assert unknown_listed(["milk", *"abcde"], find) == five
    six = "6 of the 6 listed products are not in the catalog: 'a', 'b', 'c', 'd', 'e', …"
    assert unknown_listed([*"abcdef"], find) == six


def test_exclusions_alone_do_not_explain_why_other_products_were_not_found() -> None:
    allowed = Allowed(9, None, np.array([3], np.int32))
    assert why_fewer(2, 10, None, allowed) is None
    assert why_fewer(8, 10, None, allowed) == "only 8 products are not excluded"
