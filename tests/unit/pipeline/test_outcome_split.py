"""Whether an experiment's shoppers are split as they were drawn; if not, its difference may come from the split."""

import math

import numpy as np
import pytest

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, Counted
from shelfwise_pipeline.outcomes.split import not_as_drawn


def arm(scenario: str, shoppers: int) -> Arm:
    nothing = Counted(0, 0, math.nan, math.nan)
    return Arm(scenario, "a", shoppers, 0, 0, 0, dict.fromkeys(OUTCOMES, nothing))


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_a_true_draw_raises_a_false_alarm_once_in_a_thousand_times(share: float) -> None:
    drawn = np.random.default_rng(5).binomial(5_000, share, 20_000)
    alarms = sum(not_as_drawn(arm("a", 5_000 - int(b)), arm("b", int(b)), share) is not None for b in drawn)
    assert alarms / 20_000 == pytest.approx(0.001, abs=0.0007)


def test_shoppers_lost_on_one_side_are_reported() -> None:
    assert not_as_drawn(arm("a", 4_000), arm("b", 3_900), 0.5) is None
    told = not_as_drawn(arm("a", 4_000), arm("b", 3_600), 0.5)
    assert told is not None
    assert told.startswith("b has 47.4% of the 7,600 shoppers, expected 50.0%")
    assert not_as_drawn(arm("a", 3_600), arm("b", 4_000), 0.5) is not None
