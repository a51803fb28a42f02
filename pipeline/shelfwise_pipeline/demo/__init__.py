"""The demo shop: a year of purchases of 2,469 real households, turned into a searchable shop."""

from shelfwise_pipeline.demo.shop import demo_events, demo_products

__all__ = ["demo_events", "demo_products"]
