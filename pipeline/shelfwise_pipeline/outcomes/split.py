"""Checks whether an experiment's shoppers are split as they were drawn.

Only shoppers who saw an answer are counted. If one side has nothing to show to some shoppers, or loses impressions, its
remaining shoppers differ from the other side's, and so may explain any difference. See Fabijan et al.: Diagnosing Sample Ratio
Mismatch in Online Controlled Experiments (KDD 2019).
"""

import math

from shelfwise_pipeline.outcomes.counting import Arm

_ONCE_IN_A_THOUSAND = 3.290527
"""The two-sided limit in standard deviations."""


def not_as_drawn(before: Arm, other: Arm, share: float) -> str | None:
    """Return a sentence if `other` has so large or so small a share of the shoppers of both that a draw of `share` would give
    it at most once in 1,000 times; else None."""
    both = before.shoppers + other.shoppers
    if abs(other.shoppers - share * both) <= _ONCE_IN_A_THOUSAND * math.sqrt(share * (1 - share) * both):
        return None
    return (
        f"{other.scenario} has {other.shoppers / both:.1%} of the {both:,} shoppers, expected {share:.1%}: by chance, a "
        "share is so far off once in 1,000 times. The sides have different shoppers; find out why before you trust the figures"
    )
