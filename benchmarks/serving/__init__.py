"""Requests per second and latency of Shelfwise and the monolith, measured in turns on one machine."""
