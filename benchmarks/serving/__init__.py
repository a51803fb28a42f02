"""Measures requests per second and latency of Shelfwise and the monolith in turns on one machine."""
