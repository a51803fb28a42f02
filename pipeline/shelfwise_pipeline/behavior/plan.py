"""The parameters of fitting behavior."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BehaviorPlan:
    """Chosen on public shops' later purchases; see docs/decisions/0011-behavior-in-lists-and-a-space.md."""

    neighbours: int = 200
    """Entries kept in a row's list, the best by score; `learned` and `users` keep as many by plain weight, too."""
    basket_half_life_days: float = 120.0
    largest_basket: int = 100
    """The maximum number of products that count in a basket; larger ones are a reseller's invoice or a bot's session."""
    chance: float = 0.05
    """A pair of weight w counts w²/(w + chance), because a single shared basket tells little."""

    window: int = 10
    """Purchases that follow within this many steps are transitions, with weight 1 over the number of steps."""
    dimension: int = 192
    most_vectors: int = 20_000
    least_purchases: int = 5
    """Products bought less often have no vector."""

    learned_items: int = 6_000
    """The maximum number of products in EASE, the most bought ones: it inverts a dense matrix of them."""
    ridge: float = 200.0

    trending_half_life_days: float = 7.0
    usual_half_life_days: float = 120.0
    together_rise: float = 0.75
    learned_rise: float = 0.75
    users_rise: float = 1.0
    """Powers of the ratio of a product's current sales to its usual sales; see `trends.py`."""
