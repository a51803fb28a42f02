"""The gateway: the public API, which turns questions into recommendations."""
