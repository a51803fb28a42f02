"""What came of answers, shown where there is little room."""

import io

from rich.console import Console

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, Moments
from shelfwise_pipeline.outcomes.report import by_scenario, of_experiment


def arm(scenario: str, experiment: str | None) -> Arm:
    some, paid = Moments(2_000, 0.1, 0.0), Moments(98_765_432.1, 4e9, 0.0)
    outcomes = dict.fromkeys(OUTCOMES, some) | {"value": paid}
    return Arm(scenario, experiment, 4_012, Moments(10_871, 2.0, 2.0), 0, outcomes, dict.fromkeys(OUTCOMES, 2_000))


def test_nothing_is_cut_off_at_80_columns() -> None:
    before, other, search = arm("for-you", "for-you"), arm("for-you-b", "for-you"), arm("below-the-cart-of-an-app", None)
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    console.print(by_scenario([before, other, search]))
    console.print(of_experiment(before, other))
    assert "…" not in shown.getvalue()
