"""What computes vectors: one small interface, three engines."""
