"""Outcomes of the answers that shoppers saw."""
