"""How often an outcome followed an answer, and whether one scenario did better than another.

An experiment assigns shoppers to its arms, not answers, and one shopper's answers are similar. So variation is measured per
shopper, and the rate, outcomes by answers, is a ratio of two sums over shoppers. Its variance comes from the delta method:
Deng, Knoblich, Lu: Applying the Delta Method in Metric Analytics (KDD 2018), equation 3.
"""

import math
from dataclasses import dataclass

from shelfwise_pipeline.outcomes.counting import Arm

FEWEST_SHOPPERS = 100
FEWEST_WITH_OUTCOME = 10
"""With fewer shoppers, or fewer of them with the outcome, a sum over shoppers is not close enough to a normal distribution for
a credible interval: however many answers a single shopper clicks, that is one draw."""

_TWO_SIDED_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate, or a difference of two, per answer seen. `margin`: half its 95 % interval; None if too little was seen."""

    value: float
    margin: float | None

    @property
    def low(self) -> float | None:
        return None if self.margin is None else self.value - self.margin

    @property
    def high(self) -> float | None:
        return None if self.margin is None else self.value + self.margin


def rate(arm: Arm, outcome: str) -> Estimate | None:
    """Return the mean outcome per answer; None if no answer was seen."""
    seen = arm.answers.total
    if not seen:
        return None
    counted = arm.outcomes[outcome]
    value = counted.total / seen
    if arm.shoppers < FEWEST_SHOPPERS or arm.happened[outcome] < FEWEST_WITH_OUTCOME:
        return Estimate(value, None)
    spread = counted.variance - 2 * value * counted.covariance + value**2 * arm.answers.variance
    # Rounding may give a slightly negative value if all shoppers are alike.
    return Estimate(value, _TWO_SIDED_95 * math.sqrt(max(spread, 0.0) * arm.shoppers) / seen)


def difference(arm: Arm, other: Arm, outcome: str) -> Estimate | None:
    """Return the rate of `arm` minus that of `other`, which has other shoppers; None if one of them has no rate."""
    one, base = rate(arm, outcome), rate(other, outcome)
    if one is None or base is None:
        return None
    if one.margin is None or base.margin is None:
        return Estimate(one.value - base.value, None)
    return Estimate(one.value - base.value, math.hypot(one.margin, base.margin))
