"""Who asks for a text, or for what is like a product, and what is known of them when they do."""

from dataclasses import dataclass

import numpy as np

from shelfwise.contracts.history import History
from shelfwise_pipeline.examples.from_events import HORIZON_S, MOST_HOURS
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_ranker.event_log import IMPRESSION
from shelfwise_ranker.tallies import VISIT_S

KNOWN = 0.5
"""This part of the questions that teach is asked by shoppers who are known, the others by strangers: many searches come without
a shopper, and their answers must not suffer."""


@dataclass(frozen=True)
class Askers:
    """Histories are made when they are asked for: those of all questions would take gigabytes."""

    pasts: Pasts
    seed: int

    def known(self, question: Question) -> History | None:
        """What was known when the visit began that led to the purchase which made the question.

        Later in the visit, what the search found has been looked at and put into the cart, and would give the answer away.
        Nothing of a till, which is many shoppers, and None where nothing was known.
        """
        if question.asker == NOBODY or self._is_till(question):
            return None
        history = self.pasts.history(question.asker, question.moment, self._visit_began(question))
        return history if history.products else None

    def some_known(self, question: Question) -> History | None:
        """The same of KNOWN of the questions, drawn by who asks and when."""
        if question.asker == NOBODY:
            return None
        draw = np.random.default_rng([self.seed, question.asker, int(question.moment)])
        return self.known(question) if draw.random() < KNOWN else None

    def _visit_began(self, question: Question) -> float:
        """The first of the asker's events since a pause of VISIT_S; the question's moment where there is none."""
        log = self.pasts.histories.log
        before = self.pasts.before(question.asker, question.moment)
        times = log.times[before][log.kinds[before] != IMPRESSION]
        pauses = np.flatnonzero(np.diff(times, append=question.moment) >= VISIT_S)
        later = times[pauses[-1] + 1 :] if len(pauses) else times
        return float(later[0]) if len(later) else question.moment

    def _is_till(self, question: Question) -> bool:
        user, until = self.pasts.number(question.asker), question.moment
        return self.pasts.histories.hours_of_purchases(user, until - HORIZON_S, until) > MOST_HOURS
