"""The ranker: which candidate first, and why."""
