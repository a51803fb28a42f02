"""Reports how good the answers are: tables for the console, a page for a browser."""
