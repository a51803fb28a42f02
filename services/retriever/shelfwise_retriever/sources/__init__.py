"""Candidate sources, each behind the interface of `base`."""
