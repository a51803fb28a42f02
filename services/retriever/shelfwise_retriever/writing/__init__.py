"""Writing products: they are checked, embedded, committed, and only then acknowledged."""
