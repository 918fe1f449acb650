"""Import of NDJSON: one event a line, restartable, never twice, every rejected line with its reason."""
