"""The command line: ``carejourney COMMAND``."""

from __future__ import annotations

import os
import sys

import typer

from api.cli.table import Table

app = typer.Typer(
    cls=Table,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Care Journey: event-sourced care journeys for addiction-treatment providers.",
)


@app.callback()
def commands() -> None:
    """Care Journey: event-sourced care journeys for addiction-treatment providers."""


def main() -> None:
    """Run the command line: whatever it writes is for its user alone."""
    os.umask(0o077)
    Table.before.append(_log_to_stderr)
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was recorded before is durable; run the same command again to go on.", err=True)
        sys.exit(130)


def _log_to_stderr() -> None:
    """Answers alone go to stdout."""
    import logging

    from infra.observability.logs import log_to_stderr

    log_to_stderr("text", logging.WARNING)
