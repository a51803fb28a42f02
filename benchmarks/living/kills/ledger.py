"""Records what was acknowledged to the writers: the last state of every product, and every event."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """Each product has one writer, which repeats a write until it is acknowledged. So only the last state may be found."""

    products: dict[str, Fields | None] = field(default_factory=dict)
    """The last acknowledged state of each product; None: deleted. For a patched product, only the patched fields."""
    events: dict[str, Fields] = field(default_factory=dict)
    writes: Counter[str] = field(default_factory=Counter)
    """Acknowledged writes by method."""
    retries: Counter[str] = field(default_factory=Counter)
    """Attempts without acknowledgement, by the status or error that came instead."""
    acknowledged: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"products": [], "events": []})
    """Moments (sent, acknowledged) by the monotonic clock."""

    def note(self, what: str, sent_at: float) -> None:
        self.acknowledged[what].append((sent_at, time.monotonic()))

    def first_after(self, what: str, moment: float) -> float | None:
        """Seconds from `moment` to the first acknowledgement of a call that was sent after it."""
        found = [acknowledged for sent, acknowledged in self.acknowledged[what] if sent >= moment]
        return min(found) - moment if found else None
