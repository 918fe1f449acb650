"""Saved views: questions that people keep under a name."""
