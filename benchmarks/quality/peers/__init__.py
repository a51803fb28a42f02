"""What an engineer would use instead: well-known libraries and formulas, each in its own file."""
