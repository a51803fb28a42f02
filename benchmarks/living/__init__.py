"""Measures how fast and how safely changes to a running shop take effect."""
