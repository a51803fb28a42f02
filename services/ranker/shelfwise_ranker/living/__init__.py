"""Statistics that follow the events after a bundle was built."""
