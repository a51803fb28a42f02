"""Asks a running gateway many questions and writes the answers to a file, as for a newsletter."""
