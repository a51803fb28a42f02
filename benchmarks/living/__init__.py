"""How fast, and how safely, changes of a running shop take effect."""
