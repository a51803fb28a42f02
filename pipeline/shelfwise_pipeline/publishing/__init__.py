"""Whether a bundle may go live, and going live."""
