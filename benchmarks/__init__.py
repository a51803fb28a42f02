"""Measurements of Shelfwise against what a shop would otherwise run; no part of the product."""
