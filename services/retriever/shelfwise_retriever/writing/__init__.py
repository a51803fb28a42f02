"""Products are written: checked, embedded, committed, and only then acknowledged."""
