"""Measures Shelfwise against what a shop would otherwise run. Not part of the product."""
