"""What came of the answers that shoppers saw."""
