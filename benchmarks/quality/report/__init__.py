"""The report: tables for the console, a page for people."""
