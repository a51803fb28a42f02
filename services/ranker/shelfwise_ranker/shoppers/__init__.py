"""Stores, reads and erases what shoppers did, in PostgreSQL."""
