"""How good an order is, with its uncertainty."""
