"""The ladder: what is left out when a service behind the gateway does not answer.

    everything
    without_context    the shopper's history is unknown: everybody's answer, for you what is trending
    without_ranker     the retriever's own order
    without_embedder   a text is looked up by its words alone (nothing else needs the embedder)
    without_pins       products that the scenario pins are absent, unless a source found them
    without_reasons    products as they would be, without the reasons that were asked for
    last_good          what was answered to the same question before, filled up with the trending products held here
    (an error)         503, 504 or 429: nothing can be answered

Every step taken is named in the answer's `degraded`, counted and logged with its reason.
"""

import logging
from typing import Literal

from prometheus_client import Counter

from shelfwise.deadline import Deadline
from shelfwise.errors import Internal, Overloaded, ShelfwiseError, UpstreamUnavailable

_log = logging.getLogger("shelfwise.gateway")

Step = Literal["without_context", "without_embedder", "without_ranker", "without_pins", "without_reasons", "last_good"]

FIRST_SHARE = 0.4
"""Of the time left: embedder and history may use it up and a search without them still fits into the rest."""

LAST_STEP_SHARE = 0.05
"""Kept back from every other service, so that a late one leaves the time to answer without it."""


class Degradation:
    """The steps that one request had to take."""

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
        """All steps but the first `kept`, since the answer is given without what needed them. They stay counted and logged."""
        del self.steps[kept:]


def part_of(deadline: Deadline, share: float) -> Deadline:
    """An earlier deadline: `share` of the time that is left."""
    return Deadline(deadline.at_s - (1 - share) * max(0.0, deadline.remaining_s))


def is_loss(error: ShelfwiseError) -> bool:
    """Did the service fail us? False when the question itself was wrong, which no other service can put right."""
    return error.status >= 500 or isinstance(error, Overloaded)


def nothing_left(error: ShelfwiseError) -> ShelfwiseError:
    """What to answer when the ladder is at its end: a defect behind the gateway is an outage here."""
    if error.status == Internal.status:
        return UpstreamUnavailable("the retriever failed and there is no earlier answer to give; try again in a second")
    return error
