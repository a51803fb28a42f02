"""Many questions, asked of a running gateway, and their answers in a file, as for a newsletter."""
