"""The public data sets, cleaned: one file a set."""
