"""The log: the only package that knows the `eventsourcing` library."""
