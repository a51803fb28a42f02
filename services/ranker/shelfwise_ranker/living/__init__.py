"""Statistics that move with the events, from a bundle on."""
