"""Backups: one encrypted file with every row of the log, made while it is in use, restored on either database."""
