"""Who asks a `text` or `product` question, and what is known of the asker then."""

from dataclasses import dataclass

import numpy as np

from shelfwise.contracts.history import History
from shelfwise_pipeline.examples.from_events import HORIZON_S, MOST_HOURS
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_ranker.event_log import IMPRESSION
from shelfwise_ranker.tallies import VISIT_S

KNOWN = 0.5
"""The share of training questions asked by known shoppers; strangers ask the others. Many searches come without a shopper, and
their answers must not suffer."""


@dataclass(frozen=True)
class Askers:
    """Gives questions the histories of their askers. Histories are made on demand: those of all questions would take
    gigabytes."""

    pasts: Pasts
    seed: int

    def known(self, question: Question) -> History | None:
        """Return what was known at the start of the visit that led to the question's purchase.

        Later in the visit, the shopper has looked at the search's results and put some into the cart, which would give the
        answer away. Return None for a till, which stands for many shoppers, and if nothing was known.
        """
        if question.asker == NOBODY or self._is_till(question):
            return None
        history = self.pasts.history(question.asker, question.moment, self._visit_began(question))
        return history if history.products else None

    def some_known(self, question: Question) -> History | None:
        """Return the same for KNOWN of the questions, drawn by asker and moment; None for the others."""
        if question.asker == NOBODY:
            return None
        draw = np.random.default_rng([self.seed, question.asker, int(question.moment)])
        return self.known(question) if draw.random() < KNOWN else None

    def _visit_began(self, question: Question) -> float:
        """Return the time of the asker's first event since a pause of VISIT_S; the question's moment if there is none."""
        log = self.pasts.histories.log
        before = self.pasts.before(question.asker, question.moment)
        times = log.times[before][log.kinds[before] != IMPRESSION]
        pauses = np.flatnonzero(np.diff(times, append=question.moment) >= VISIT_S)
        later = times[pauses[-1] + 1 :] if len(pauses) else times
        return float(later[0]) if len(later) else question.moment

    def _is_till(self, question: Question) -> bool:
        user, until = self.pasts.number(question.asker), question.moment
        return self.pasts.histories.hours_of_purchases(user, until - HORIZON_S, until) > MOST_HOURS
