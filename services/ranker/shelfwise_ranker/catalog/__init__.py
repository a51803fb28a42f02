"""The catalog's changes, taken into the tables that features are computed from."""
