"""Decides whether a bundle may go live, and makes it live."""
