"""The whole command line: every command imported, as no user ever has it."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from api.cli.main import app
from api.cli.table import COMMANDS, load


def every_command() -> Any:
    """The group of all commands, each with its own subcommands and options."""
    whole: Any = get_command(app)
    whole.commands = {name: load(name) for name in COMMANDS}
    return whole
