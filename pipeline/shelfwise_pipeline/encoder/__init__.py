"""Makes the bundle's encoder part: export, quantization, fidelity, and the catalog's vectors."""
