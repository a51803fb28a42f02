"""The engines that compute vectors: one small interface, three implementations."""
