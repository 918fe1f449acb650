"""Keeping a deployment well: backups, long work, and the overview of its health."""
