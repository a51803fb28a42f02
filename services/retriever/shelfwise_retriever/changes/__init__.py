"""Changes to the catalog while it is served; a compaction tidies up after many of them."""
