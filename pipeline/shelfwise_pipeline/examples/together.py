"""`together` questions ("what goes with this?") from what was bought together."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_pipeline.examples.histories import graded
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_pipeline.examples.windows import Window
from shelfwise_ranker.products import ProductTable

FIRST_LINE = 0.5
"""The share of questions asked with the product that came first. The others have one to three at random, as in a cart."""

MOST_SEEDS = 3
TRIES = 4
"""Baskets tried per question wanted, both of those with a purchase and of the others. Many hold only one product."""


def together_questions(
    table: ProductTable, baskets: Baskets, offered: NDArray[np.bool_], window: Window, count: int, seed: int
) -> list[Question]:
    """Return at most `count` questions in the order of time: the seeds are some products of a basket of the window, the right
    answers the others in it.

    Baskets that were only looked at, or put into the cart, are used if too little was bought.
    """
    draw = np.random.default_rng([seed, int(window.moment), 1])
    questions: list[Question] = []
    drawn = draw.permutation(baskets.between(window.moment, window.until))
    bought = baskets.bought_at[drawn] < window.until
    for basket in [*drawn[bought][: count * TRIES].tolist(), *drawn[~bought][: count * TRIES].tolist()]:
        moment = float(baskets.times[basket])
        rows, grades = baskets.held(basket, window.until)
        # A product that did not exist yet, or is no longer sold, can be neither a seed nor an answer.
        known = offered[rows] & ~(table.created_at[rows] >= moment)
        rows, grades = rows[known], grades[known]
        if len(rows) < 2:
            continue
        if draw.random() < FIRST_LINE:
            seeds = np.zeros(1, dtype=np.int64)
        else:
            seeds = draw.permutation(len(rows))[: draw.integers(1, min(MOST_SEEDS, len(rows) - 1) + 1)]
        rest = np.delete(np.arange(len(rows)), seeds)
        order = rest[np.argsort(rows[rest])]
        questions.append(
            Question(
                "together",
                moment,
                None,
                NOBODY,
                partial(graded, wanted=rows[order], grades=grades[order]),
                tuple(grades[order].tolist()),
                seeds=tuple(rows[seeds].tolist()),
                asker=int(baskets.users[basket]),
            )
        )
        if len(questions) == count:
            break
    return sorted(questions, key=lambda question: question.moment)
