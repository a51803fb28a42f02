"""What the writers were told: the last acknowledged state of every product, and every acknowledged event."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """One writer has a product to itself and sends a write until it is acknowledged, so the last state is the only one that
    may be found."""

    products: dict[str, Fields | None] = field(default_factory=dict)
    """What each product was last said to be; None: deleted. Of products that a patch changed, the patched fields alone."""
    events: dict[str, Fields] = field(default_factory=dict)
    writes: Counter[str] = field(default_factory=Counter)
    """Acknowledged, by method."""
    retries: Counter[str] = field(default_factory=Counter)
    """Attempts without acknowledgement, by what came instead."""
    acknowledged: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"products": [], "events": []})
    """(sent, acknowledged) moments of the monotonic clock."""

    def note(self, what: str, sent_at: float) -> None:
        self.acknowledged[what].append((sent_at, time.monotonic()))

    def first_after(self, what: str, moment: float) -> float | None:
        """Seconds from `moment` to the first acknowledgement of something that was sent after it."""
        found = [acknowledged for sent, acknowledged in self.acknowledged[what] if sent >= moment]
        return min(found) - moment if found else None
