"""`user` questions ("what next?") from what shoppers did next."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_pipeline.examples.histories import graded
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_pipeline.examples.windows import Window
from shelfwise_ranker.event_log import IMPRESSION, PURCHASE
from shelfwise_ranker.history import MAX_EVENTS
from shelfwise_ranker.products import ProductTable, Rows

NEW_TOO = 0.7
"""The share of shoppers asked about a second time, with their earlier purchases excluded, from the answers as well. Shops may
request that, and products new to the shopper are the harder half."""

AT_VISIT = 0.85
"""The share asked when the shopper comes back, as a page does. The others are asked at the window's start, as a newsletter
does. Only the former can teach what is bought at which time of the day."""

IN_VISIT = 1 / 3
"""Of those who come back and look at something before they buy, the share asked between two of their clicks: pages ask after
every click. Only these can teach what it means that something is in the cart. In a synthetic shop with much browsing, NDCG@10
within visits is .514 with this share, .557 with a half and .344 with none; at their start .308, .300 and .310."""

STRANGERS = 0.1
"""The maximum share of questions about shoppers without a past. Only popular products can be recommended to them."""


@dataclass(frozen=True)
class Shoppers:
    """All shoppers' events and baskets."""

    table: ProductTable
    baskets: Baskets
    pasts: Pasts
    offered: NDArray[np.bool_]

    def questions(
        self,
        window: Window,
        count: int,
        seed: int,
        *,
        new_too: float = NEW_TOO,
        at_visit: float = AT_VISIT,
        in_visit: float = IN_VISIT,
    ) -> list[Question]:
        """Return at most `count` questions about shoppers who come in the window. The right answer is their first basket there,
        as far as it follows the question.

        Shoppers who have only looked so far are not asked about, because no `user` model answers them
        (shelfwise_ranker.stand_in).
        """
        draw = np.random.default_rng([seed, int(window.moment), 2])
        clicks = np.random.default_rng([seed, int(window.moment), 3])  # its own generator, so that it changes no other draw
        found: list[Question] = []
        strangers = 0
        for basket in draw.permutation(self._first_baskets(window)).tolist():
            comes_back, again = bool(draw.random() < at_visit), bool(draw.random() < new_too)
            user = int(self.baskets.users[basket])
            asked = self._in_visit(basket, window.until, in_visit, clicks) if comes_back else window.moment
            if self._only_looked(user, asked):
                continue
            history = self.history(user, asked)
            if not history.products:
                if strangers >= STRANGERS * count:
                    continue
                strangers += 1
                again = False  # everything is new to a stranger
            for without_owned in (False, True) if again else (False,):
                question = self._question(basket, asked, window.until, history, without_owned)
                if question is not None:
                    found.append(question)
            if len(found) >= count:
                break
        return sorted(found[:count], key=lambda question: question.moment)

    def history(self, user: int, moment: float) -> History:
        """Return what the ranker would know of `user` (numbered as in the log) at `moment`."""
        return self.pasts.history(user, moment)

    def _in_visit(self, basket: int, until: float, in_visit: float, draw: np.random.Generator) -> float:
        """Return the start of the visit or, for `in_visit` of the visits, a moment between two clicks on the way to a purchase.

        Shoppers are asked at the start until their first purchase, because within a visit no model answers them before.
        """
        start, ways = float(self.baskets.times[basket]), self.baskets.on_the_way(basket, until)
        if not ways or draw.random() >= in_visit:
            return start
        clicked, next_click = ways[int(draw.integers(len(ways)))]
        asked = next_click - float(draw.random()) * (next_click - clicked)  # after the first click, no later than the next
        return start if self._only_looked(int(self.baskets.users[basket]), asked) else asked

    def _only_looked(self, user: int, moment: float) -> bool:
        """Return what `stand_in.only_looked` says of that history, without building it: in most shops most shoppers have only
        looked."""
        kinds = self.pasts.histories.log.kinds[self.pasts.before(user, moment)]
        touched = kinds[kinds != IMPRESSION][-MAX_EVENTS:]
        return bool(len(touched)) and not (touched == PURCHASE).any()

    def _first_baskets(self, window: Window) -> NDArray[np.int64]:
        """Return each shopper's first basket within the window. Baskets with a purchase come before those with views only."""
        baskets = self.baskets.between(window.moment, window.until)
        shoppers = self.baskets.users[baskets]
        order = np.lexsort((baskets, self.baskets.bought_at[baskets] >= window.until, shoppers))
        _, first = np.unique(shoppers[order], return_index=True)
        return np.asarray(baskets[order][first])

    def _question(self, basket: int, asked: float, until: float, history: History, without_owned: bool) -> Question | None:
        rows, grades = self.baskets.held(basket, until, asked)
        known = self.offered[rows] & ~(self.table.created_at[rows] >= asked)
        rows, grades = rows[known], grades[known]
        owned: Rows = np.empty(0, np.int32)
        if without_owned:
            bought = [product for product, times in zip(history.products, history.purchases, strict=True) if times]
            owned = self.table.rows(bought)
            owned = owned[owned >= 0]
            new = ~np.isin(rows, owned)
            rows, grades = rows[new], grades[new]
        if not len(rows):
            return None
        order = np.argsort(rows)
        return Question(
            "user",
            asked,
            None,
            NOBODY,
            partial(graded, wanted=rows[order], grades=grades[order]),
            tuple(grades.tolist()),
            history=history,
            exclude=tuple(owned.tolist()),
            asker=int(self.baskets.users[basket]),
        )
