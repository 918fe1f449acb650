"""The command line: ``carejourney``."""
