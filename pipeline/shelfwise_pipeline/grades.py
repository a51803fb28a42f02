"""The scale of how good an answer is."""

BEST_GRADE = 3
"""Exactly what was asked for; 0 is irrelevant."""
