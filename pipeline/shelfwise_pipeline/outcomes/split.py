"""Whether an experiment's shoppers are split as they were drawn.

Counted are those who saw an answer. Where one side has nothing to show to some, or its impressions are lost, those who are left
are other shoppers than the other side's, and whatever differs may be theirs. See Fabijan et al.: Diagnosing Sample Ratio
Mismatch in Online Controlled Experiments (KDD 2019).
"""

import math

from shelfwise_pipeline.outcomes.counting import Arm

_ONCE_IN_A_THOUSAND = 3.290527
"""Standard deviations from what is expected, on either side."""


def not_as_drawn(before: Arm, other: Arm, share: float) -> str | None:
    """A sentence where `other` has so many or so few of the shoppers of both that a draw of `share` would give it once in 1,000
    times at most; else None."""
    both = before.shoppers + other.shoppers
    if abs(other.shoppers - share * both) <= _ONCE_IN_A_THOUSAND * math.sqrt(share * (1 - share) * both):
        return None
    return (
        f"{other.scenario} has {other.shoppers / both:.1%} of the {both:,} shoppers, expected {share:.1%}: chance is so "
        "far off once in 1,000 times. The sides differ in who their shoppers are; find out why before you go by the difference"
    )
