"""The command line: ``carejourney``."""

from api.cli.main import main as main
