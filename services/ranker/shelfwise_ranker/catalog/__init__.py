"""The catalog's changes, applied to the tables that features are computed from."""
