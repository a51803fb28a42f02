"""Tracks pins of products that the catalog does not hold: the answers do not show it, so the shop is told."""

import logging

from prometheus_client import CollectorRegistry, Gauge

_log = logging.getLogger("shelfwise.gateway")


class MissingPins:
    """Missing pins by scenario, as of each scenario's last answer. Logged when first missed, not with every request."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._of: dict[str, set[str]] = {}
        self._count = Gauge(
            "shelfwise_pins_missing", "Pinned products that the catalog does not hold.", ["scenario"], registry=registry
        )

    def note(self, scenario: str, pins: dict[str, bool]) -> None:
        """`pins`: products that were looked for, and whether the catalog holds each."""
        before = self._of.get(scenario, set())
        missing = {product_id for product_id, known in pins.items() if not known}
        now = before.difference(pins) | missing
        if now == before:
            return
        self._of[scenario] = now
        self._count.labels(scenario).set(len(now))
        if new := sorted(now - before):
            _log.warning("pinned products are not in the catalog", extra={"scenario": scenario, "products": new})

    def of(self, scenario: str) -> list[str]:
        """Ids of the missing products, sorted; empty before the scenario's first answer."""
        return sorted(self._of.get(scenario, ()))
