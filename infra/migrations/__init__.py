"""Our own tables by version: ordered forward steps, applied once, by whoever comes first."""
