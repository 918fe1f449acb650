"""Administration: what the provider says of itself, and erasure by two people."""
