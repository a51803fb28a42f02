"""The degradation ladder: what an answer omits if a service behind the gateway does not answer.

    everything
    without_context    the shopper's history is unknown: the answer for everybody, and trending products for `user` questions
    without_ranker     the retriever's own order
    without_embedder   a text is looked up by its words alone (nothing else needs the embedder)
    without_pins       products that the scenario pins are absent, unless a source found them
    without_reasons    the usual products, without the requested reasons
    last_good          the earlier answer to the same question, filled up with the trending products held here
    (an error)         503, 504 or 429: no answer is possible

Every step taken is named in the answer's `degraded`, counted, and logged with its reason.
"""

import logging
from typing import Literal

from prometheus_client import Counter

from shelfwise.deadline import Deadline
from shelfwise.errors import Internal, Overloaded, ShelfwiseError, UpstreamUnavailable

_log = logging.getLogger("shelfwise.gateway")

Step = Literal["without_context", "without_embedder", "without_ranker", "without_pins", "without_reasons", "last_good"]

FIRST_SHARE = 0.4
"""Share of the remaining time that embedder and history may use up; a search without them still fits into the rest."""

LAST_STEP_SHARE = 0.05
"""Share of the time withheld from every other service, so that after a late one there is time to answer without it."""


class Degradation:
    """The degradation steps of one request."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.steps: list[Step] = []

    def take(self, step: Step, because: ShelfwiseError) -> None:
        if step in self.steps:
            return
        self.steps.append(step)
        self._counter.labels(step).inc()
        _log.warning("degraded", extra={"step": step, "because": because.message, "code": because.code})

    def take_back(self, kept: int) -> None:
        """Keep only the first `kept` steps, if the answer does without what needed the rest. All stay counted and logged."""
        del self.steps[kept:]


def part_of(deadline: Deadline, share: float) -> Deadline:
    """An earlier deadline: after `share` of the remaining time."""
    return Deadline(deadline.at_s - (1 - share) * max(0.0, deadline.remaining_s))


def is_loss(error: ShelfwiseError) -> bool:
    """Whether the service failed; False if the question itself was wrong, which no other service can correct."""
    return error.status >= 500 or isinstance(error, Overloaded)


def nothing_left(error: ShelfwiseError) -> ShelfwiseError:
    """The error to answer with at the end of the ladder: a defect behind the gateway is an outage here."""
    if error.status == Internal.status:
        return UpstreamUnavailable("the retriever failed, and no earlier answer is stored; try again in a second")
    return error
