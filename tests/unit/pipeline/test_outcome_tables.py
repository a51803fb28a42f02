"""The tables of outcomes, in a narrow terminal."""

import io

from rich.console import Console

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, Counted
from shelfwise_pipeline.outcomes.report import by_scenario, heavy_shopper, of_experiment


def arm(scenario: str, experiment: str | None, most: int = 20) -> Arm:
    some, paid = Counted(2_000, 2_000, 1_000.0, 900.0), Counted(98_765_432.1, 2_000, 4e13, 900.0)
    outcomes = dict.fromkeys(OUTCOMES, some) | {"value": paid}
    return Arm(scenario, experiment, 4_012, 10_871, most, 0, outcomes)


def test_outcome_tables_are_not_cut_off_at_80_columns() -> None:
    before, other, search = arm("for-you", "for-you"), arm("for-you-b", "for-you"), arm("below-the-cart-of-an-app", None)
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    console.print(by_scenario([before, other, search]))
    console.print(of_experiment(before, other))
    assert "…" not in shown.getvalue()
    assert shown.getvalue().count("10,871") == 3, "a line for each arm"


def test_a_shopper_is_heavy_from_a_tenth_of_the_answers_on() -> None:
    assert heavy_shopper(arm("search", None, most=1_087)) is None
    assert heavy_shopper(arm("search", None, most=1_088)) is not None
