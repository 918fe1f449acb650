"""Logs, metrics' helpers and traces. Nothing in them is a person."""
