"""Ranking for a shopper who is browsing right now, in a shop whose history taught nothing about viewing.

If only orders were known of shoppers, the model cannot tell a product viewed a minute ago from one never touched, and one old
order outweighs the whole visit. In such a shop every other one of the first places is kept for what this visit is about; the
order of the rest stays the model's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.reason import Phrase
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.reasons.of_behavior import category_of
from shelfwise_ranker.stand_in import by_interest
from shelfwise_ranker.tallies import VISIT_S

OF_LOOKS = frozenset({"own_views", "own_carts"})
"""Columns without information for a model that learned from orders alone."""

KEPT = 5
"""This many of the first places, every other one, are for the visit."""

VISIT = "present_visit"
"""What the visit added to the model's own score, among the contributions of a reason."""

Touched = dict[str, str]
"""The code of the phrase for what the shopper did with each product, by product id."""


@dataclass(frozen=True)
class Lifted:
    """Scores in which the visit has its places."""

    scores: NDArray[np.float64]  # [candidates]
    added: NDArray[np.float64]  # [candidates] added to the model's score; 0 if it stays
    done: list[str | None]  # [candidates] the code of the phrase for what the shopper did with it

    def phrase(self, context: FeatureRequest, position: int) -> Phrase:
        """Why a candidate was lifted."""
        code = self.done[position]
        return Phrase(code) if code else Phrase("you_looked_at_category", {"category": category_of(context, position)})


def touched_now(history: History | None) -> Touched:
    """The products that were viewed, or put into the cart, in the present visit, and not bought since."""
    found: Touched = {}
    if history is None:
        return found
    columns = (history.products, history.last_s, history.last_purchase_s, history.carts, history.views)
    for product, ago, bought, carts, views in zip(*columns, strict=True):
        if ago > VISIT_S:
            break  # the most recently touched come first
        if (carts or views) and (bought is None or bought > ago):
            found[product] = "you_put_into_cart" if carts else "you_looked"
    return found


def lifted(request: RankRequest, context: FeatureRequest, scores: NDArray[np.float64], touched: Touched) -> Lifted:
    """The model's `scores`, with the best KEPT candidates of the visit at the first, third, fifth … place, or where the model
    puts them if that is better. The visit's candidates are those that were touched, or share a category with one that was.

    The best are those touched, then those closest to what was viewed (`by_interest`).
    """
    leaf, names = context.table.leaf, context.table.categories
    there = context.table.rows(list(touched))
    categories = [number for number in set(leaf[there[there >= 0]].tolist()) if names[number]]
    about = np.isin(leaf[context.rows], categories) & (context.rows >= 0)
    done = [touched.get(product) for product in request.ids]
    itself = np.array([code is not None for code in done], dtype=bool)
    interest = sum(by_interest(request.scores).values(), np.zeros(len(scores)))
    best_first = np.lexsort((-interest, ~itself))  # ties keep their order
    chosen = best_first[(about | itself)[best_first]][:KEPT]
    others = np.sort(np.delete(scores, chosen))[::-1]
    chosen = chosen[: len(others)]
    moved = scores.copy()
    moved[chosen] = np.maximum(scores[chosen], np.nextafter(others[: len(chosen)], np.inf))
    return Lifted(moved, moved - scores, done)
