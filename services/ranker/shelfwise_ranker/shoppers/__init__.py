"""What shoppers do: written, read back and forgotten in PostgreSQL."""
