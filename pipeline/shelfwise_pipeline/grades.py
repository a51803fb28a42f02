"""The scale of grades for answers."""

BEST_GRADE = 3
"""Exactly what was asked for; 0 is irrelevant."""
