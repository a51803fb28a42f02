"""Trains the rankers."""
