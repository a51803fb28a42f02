"""The outcomes of answers, as tables for the console and as rows for a file."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.table import Table

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm
from shelfwise_pipeline.outcomes.rates import FEWEST_SHOPPERS, MOST_OF_ONE, Estimate, difference, rate

_HEADINGS = {"viewed": "viewed", "in cart": "in a cart", "bought": "bought", "value": "value of 1,000 answers"}

_HEAVY = 0.1
"""A shopper with this share of the answers can double the width of an interval."""


def experiments(arms: Sequence[Arm]) -> Iterator[tuple[Arm, list[Arm]]]:
    """Yield, for each experiment with seen answers, the arm of the unchanged scenario and the other arms."""
    in_one = [arm for arm in arms if arm.experiment is not None and arm.shoppers]
    for name, of_one in groupby(sorted(in_one, key=lambda arm: arm.experiment or ""), key=lambda arm: arm.experiment):
        group = list(of_one)
        before = [arm for arm in group if arm.scenario == name]
        others = [arm for arm in group if arm.scenario != name]
        if before and others:
            yield before[0], others


def by_scenario(arms: Sequence[Arm]) -> Table:
    """Return a table with a line for each scenario, and for each arm of an experiment, with what its shoppers asked for."""
    table = _table("What came of the answers that shoppers saw", "scenario", "shoppers", "answers", *_HEADINGS.values())
    for arm in arms:
        shown = [_shown(rate(arm, outcome), outcome) for outcome in OUTCOMES]
        table.add_row(_name(arm), f"{arm.shoppers:,}", f"{arm.answers:,}", *shown)
    return table


def of_experiment(before: Arm, other: Arm) -> Table:
    """Return a table of what the other scenario changes."""
    title = f"{before.scenario}, answered by {other.scenario} instead"
    table = _table(title, "", before.scenario, other.scenario, "difference", "which is")
    for outcome in OUTCOMES:
        changed = difference(other, before, outcome)
        shown = [_shown(rate(arm, outcome), outcome) for arm in (before, other)]
        table.add_row(_HEADINGS[outcome], *shown, _shown(changed, outcome, sign="+"), _verdict(changed))
    return table


def heavy_shopper(arm: Arm) -> str | None:
    """Return a sentence if one shopper saw so many of the answers that there is no interval, or a wide one; else None."""
    share = arm.most / arm.answers if arm.answers else 0
    if arm.shoppers < FEWEST_SHOPPERS or share < _HEAVY:
        return None
    so = "too many for an interval" if share > MOST_OF_ONE else "which makes the intervals wide"
    return f"{_name(arm)}: one shopper saw {share:.0%} of the {arm.answers:,} answers, {so}"


def rows(arms: Sequence[Arm]) -> list[dict[str, Any]]:
    """Return all values per answer: `value` and the ends of its 95 % interval, which may be null."""
    found: list[dict[str, Any]] = []
    for arm in arms:
        of_arm = {"scenario": arm.scenario, "experiment": arm.experiment, "shoppers": arm.shoppers}
        of_arm |= {"answers": arm.answers, "answers_without_impression": arm.unseen}
        found += [of_arm | {"outcome": outcome} | _ends(rate(arm, outcome)) for outcome in OUTCOMES]
    for before, others in experiments(arms):
        for other in others:
            compared = {"scenario": other.scenario, "minus": before.scenario}
            found += [compared | {"outcome": outcome} | _ends(difference(other, before, outcome)) for outcome in OUTCOMES]
    return found


def _name(arm: Arm) -> str:
    return arm.scenario if arm.experiment is None else f"{arm.scenario} (asked: {arm.experiment})"


def _table(title: str, first: str, *others: str) -> Table:
    """Return a table whose words and numbers wrap if it is wider than the terminal: none is cut off."""
    table = Table(title=title, title_justify="left")
    table.add_column(first, overflow="fold")
    for heading in others:
        table.add_column(heading, justify="right", overflow="fold")
    return table


def _ends(estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {"value": None, "low": None, "high": None}
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _shown(estimate: Estimate | None, outcome: str, sign: str = "") -> str:
    if estimate is None:
        return "–"
    scale, places, unit = (1000, 2, "") if outcome == "value" else (100, 1, " %")
    shown = f"{estimate.value * scale:{sign},.{places}f}"
    if estimate.low is not None and estimate.high is not None:
        shown += f" [{estimate.low * scale:{sign},.{places}f}, {estimate.high * scale:{sign},.{places}f}]"
    return shown + unit


def _verdict(changed: Estimate | None) -> str:
    if changed is None or changed.low is None or changed.high is None:
        return "too few to tell"
    if changed.low > 0:
        return "more"
    return "less" if changed.high < 0 else "not significant"
