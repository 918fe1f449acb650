"""Master keys: providers, status, rotation."""
