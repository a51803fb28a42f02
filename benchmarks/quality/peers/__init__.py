"""What an engineer would reach for instead: well-known libraries and formulas, each in its own file."""
