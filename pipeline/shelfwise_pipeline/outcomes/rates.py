"""How often an outcome followed an answer, and whether one scenario did better than another.

An experiment assigns shoppers to its arms, not answers, and one shopper's answers are similar. So variation is measured per
shopper, and the rate, outcomes by answers, is a ratio of two sums over shoppers. A few shoppers can have most of the answers or
of the value. Then the delta method's variance is too small, and a rate is far from normally distributed. Therefore:

- The variance is that of the jackknife that leaves out one shopper at a time: CV3 in MacKinnon, Nielsen, Webb: Cluster-Robust
  Inference: A Guide to Empirical Practice (Journal of Econometrics, 2023).
- The quantile is that of a t distribution. Its degrees of freedom are an effective number of shoppers, as in Carter, Schnepel,
  Steigerwald: Asymptotic Behavior of a t-Test Robust to Cluster Heterogeneity (Review of Economics and Statistics, 2017), with
  what each shopper adds to the jackknife's variance for the shopper's variance.
- The interval is symmetric for the logit of a share, and for the logarithm of a value.
- That of a difference follows from those of the two rates: Zou, Donner: Construction of Confidence Limits about Effect Measures
  (Statistics in Medicine, 2008).
"""

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from shelfwise_pipeline.outcomes.counting import SHARES, Arm

FEWEST_SHOPPERS = 100
FEWEST_WITH_OUTCOME = 10
MOST_OF_ONE = 0.5
"""With fewer shoppers, fewer of them with the outcome, or a larger share of the answers seen by one of them, there is no
interval: however many answers a single shopper clicks, that is one draw.

A small effective number of shoppers makes an interval wide, and is no reason to omit it. Those left would be of samples without
large orders, and too low: of 1,000 shoppers with log-normal orders and Pareto-distributed answers, 91 % of all intervals
contained the true value, and 62 % of those with an effective number of 5 or more."""

_UPPER_QUANTILE = 0.975


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate, or a difference of two, per answer seen. `low`, `high`: its 95 % interval; None if too little was seen."""

    value: float
    low: float | None = None
    high: float | None = None


def rate(arm: Arm, outcome: str) -> Estimate | None:
    """Return the mean outcome per answer; None if no answer was seen."""
    if not arm.answers:
        return None
    counted = arm.outcomes[outcome]
    value = counted.total / arm.answers
    if arm.shoppers < FEWEST_SHOPPERS or counted.shoppers < FEWEST_WITH_OUTCOME or arm.most > MOST_OF_ONE * arm.answers:
        return Estimate(value)
    if not counted.spread:  # all shoppers are alike
        return Estimate(value, value, value)
    margin = float(stdtrit(counted.effective, _UPPER_QUANTILE)) * math.sqrt(counted.spread) / arm.answers
    if outcome not in SHARES:
        factor = math.exp(margin / value)
        return Estimate(value, value / factor, value * factor)
    factor = math.exp(margin / (value * (1 - value)))
    return Estimate(value, value / (value + (1 - value) * factor), value * factor / (value * factor + 1 - value))


def difference(arm: Arm, other: Arm, outcome: str) -> Estimate | None:
    """Return the rate of `arm` minus that of `other`, which has other shoppers; None if one of them has no rate."""
    one, base = rate(arm, outcome), rate(other, outcome)
    if one is None or base is None:
        return None
    value = one.value - base.value
    if one.low is None or one.high is None or base.low is None or base.high is None:
        return Estimate(value)
    low = value - math.hypot(one.value - one.low, base.high - base.value)
    return Estimate(value, low, value + math.hypot(one.high - one.value, base.value - base.low))
