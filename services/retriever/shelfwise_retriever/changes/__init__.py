"""The catalog while it is served: changes come in, and a compaction tidies up after many of them."""
