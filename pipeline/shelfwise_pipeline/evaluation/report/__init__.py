"""How good the answers are, for people: tables for the console, a page for a browser."""
