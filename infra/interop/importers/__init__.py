"""Importers: history from elsewhere into the log."""
