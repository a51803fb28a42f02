"""Questions from actual purchases."""

from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.histories import Histories, graded
from shelfwise_pipeline.examples.matching import Wording
from shelfwise_pipeline.examples.paraphrases import Paraphraser
from shelfwise_pipeline.examples.queries import QueryWriter
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_ranker.event_log import PURCHASE, EventLog
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import DAY_S

HORIZON_S = 14 * DAY_S
"""For this long after the question, a purchase still answers it."""

MOST_HOURS = 4 * 14
"""The most hours within the horizon in which one user bought something. A user who buys in more of them is not one person but a
till, or everybody without an account, and the later purchases are other people's."""

TRIES = 6
"""Purchases tried per question wanted. Many are of no use, because nothing alike was bought with them."""


class EventQuestions:
    """Makes questions from purchases. The same seed makes the same questions."""

    def __init__(
        self, table: ProductTable, products: pl.DataFrame, log: EventLog, seed: int, paraphraser: Paraphraser | None = None
    ) -> None:
        self._table = table
        self._log = log
        self._histories = Histories.of(log)
        self._wording = Wording(table)
        self._titles = products["title"].to_list()
        self._paths = [list(path or ()) for path in products["category"].to_list()]
        self._brands = products["brand"].to_list() if "brand" in products.columns else [None] * products.height
        offered = products["in_stock"].fill_null(True).to_numpy() if "in_stock" in products.columns else None
        self._offered = offered if offered is not None else np.ones(products.height, dtype=bool)
        self._seed = seed
        self._paraphraser = paraphraser

    def make(self, kind: QuestionKind, period: tuple[float, float], count: int, share: float = 0.0) -> list[Question]:
        """Return at most `count` questions with moments in the period, in the order of time. Answers are taken from the period
        only, so that nothing of a later one is used for training. `share` of the text questions are paraphrased, if there is a
        paraphraser."""
        start, end = period
        first, last = np.searchsorted(self._log.times, [start, end])
        bought = first + np.flatnonzero((self._log.kinds[first:last] == PURCHASE) & self._offered[self._log.rows[first:last]])
        draw = np.random.default_rng([self._seed, int(start), len(kind)])
        tried = draw.permutation(bought)[: count * TRIES]
        writer = QueryWriter(int(draw.integers(1 << 31)))
        questions: list[Question] = []
        for place in tried.tolist():
            paraphrased = bool(draw.random() < share)
            question = self._text(place, end, writer, paraphrased) if kind == "text" else self._product(place, end)
            if question is not None:
                questions.append(question)
            if len(questions) == count:
                break
        return sorted(questions, key=lambda question: question.moment)

    def _text(self, place: int, end: float, writer: QueryWriter, paraphrased: bool) -> Question:
        """Return a query made from this purchase. Its answers are the shopper's purchases from then on that the query names.

        A paraphrased query names the kind of product, its narrowest category.
        """
        row = int(self._log.rows[place])
        moment = float(self._log.times[place])
        wanted, grades = self._wanted(place, moment, end)
        other = self._paraphraser.write(row) if self._paraphraser and paraphrased else None
        if other is not None:
            text = other
            fits = (wanted == row) | (bool(self._paths[row]) & (self._table.leaf[wanted] == self._table.leaf[row]))
        else:
            text = writer.write(self._titles[row], self._paths[row], self._brands[row])
            fits = (wanted == row) | self._wording.covers(text, wanted)
        wanted, grades = wanted[fits], grades[fits]
        grade, best = partial(graded, wanted=wanted, grades=grades), tuple(grades.tolist())
        return Question("text", moment, text, NOBODY, grade, best, asker=int(self._log.users[place]))

    def _product(self, place: int, end: float) -> Question | None:
        """Return a question with this purchase as the seed. Its answers are what the same shopper bought with it or soon
        after."""
        row = int(self._log.rows[place])
        moment = float(self._log.times[place])
        wanted, grades = self._wanted(place, moment, end)
        others = wanted != row
        wanted, grades = wanted[others], grades[others]
        if not (self._table.parent[wanted] == self._table.parent[row]).any():
            return None  # candidates are similar products; if none was bought, there is nothing to order
        grade = partial(graded, wanted=wanted, grades=grades)
        return Question("product", moment, None, row, grade, asker=int(self._log.users[place]))

    def _wanted(self, place: int, moment: float, end: float) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        user, until = int(self._log.users[place]), min(moment + HORIZON_S, end)
        if self._histories.hours_of_purchases(user, until - HORIZON_S, until) > MOST_HOURS:
            until = np.nextafter(moment, np.inf)  # what was bought at the same moment is at least one order
        return self._histories.wanted(user, moment, until)
