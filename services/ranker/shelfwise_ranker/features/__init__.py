"""Features: one family a file, computed over all candidates of a request at once, the same offline and online."""
