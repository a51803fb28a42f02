"""The public API: who asks, what fits, what first."""
