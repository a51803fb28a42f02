"""How behavior is fitted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BehaviorPlan:
    """Chosen on public shops' later purchases; see docs/decisions/0011-behavior-in-lists-and-a-space.md."""

    neighbours: int = 200
    """Entries of a row's list at most."""
    basket_half_life_days: float = 120.0
    largest_basket: int = 100
    """Of a larger basket (an invoice of a reseller, a session of a robot) only so many products count."""
    chance: float = 0.05
    """A pair of weight w counts w²/(w + chance): one shared basket says little."""

    window: int = 10
    """Purchases that follow within so many steps are transitions, with weight 1 over the number of steps."""
    dimension: int = 192
    most_vectors: int = 20_000
    least_purchases: int = 5
    """Products bought less often have no vector."""

    learned_items: int = 6_000
    """EASE inverts a dense matrix of the most bought products, so many at most."""
    ridge: float = 200.0

    trending_half_life_days: float = 7.0
    usual_half_life_days: float = 120.0
    together_rise: float = 0.75
    learned_rise: float = 0.75
    users_rise: float = 1.0
    """Powers of how much more (or less) a product sells now than it usually does; see `trends.py`."""
