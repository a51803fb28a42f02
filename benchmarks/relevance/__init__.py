"""Measures whether shoppers' queries find what they mean."""
