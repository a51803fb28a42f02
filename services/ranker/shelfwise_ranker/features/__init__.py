"""Features: one family per file, computed for all candidates of a request at once, with the same code offline and online."""
