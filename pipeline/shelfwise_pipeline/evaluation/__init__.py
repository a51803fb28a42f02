"""Measures how good an order is, with its uncertainty."""
