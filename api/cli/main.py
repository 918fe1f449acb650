"""The command line's table of contents."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import sys
from typing import Annotated

import typer

from api.cli import (
    asides,
    auditing,
    backing,
    clients,
    database,
    erasing,
    exporting,
    feeding,
    importing,
    integrity,
    keys,
    measures,
    packaging,
    printing,
    projecting,
    publishing,
    relaying,
    reporting,
    serving,
)
from api.cli.context import explained, say
from api.cli.output import Format, show
from infra.observability.logs import log_to_stderr
from infra.settings import SETTING_COLUMNS, Settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Care Journey: event-sourced care journeys for addiction-treatment providers.",
)
app.add_typer(importing.app, name="import")
app.add_typer(exporting.app, name="export")
app.add_typer(projecting.app, name="project")
app.add_typer(relaying.app, name="relay")
app.add_typer(clients.app, name="client")
app.add_typer(auditing.app, name="audit")
for command in (
    integrity.verify,
    integrity.seal,
    integrity.heads,
    integrity.keys,
    integrity.rotate_key,
    integrity.prove,
    packaging.package,
    asides.set_aside,
    asides.take_up,
):
    auditing.app.command()(command)
clients.app.command("summary")(printing.summary)
clients.app.command("discharge-summary")(printing.discharge_summary)
clients.app.command("erase")(erasing.erase)
clients.app.command("erasures")(erasing.erasures)
app.add_typer(keys.app, name="keys")
app.add_typer(database.app, name="database")
app.add_typer(publishing.app, name="publication")
app.add_typer(measures.app, name="measures")
app.command("backup")(backing.backup)
app.command("restore")(backing.restore)
app.command("report")(reporting.report)
app.command("feed")(feeding.feed)
app.command("serve")(serving.serve)
app.command("demo")(serving.demo)
app.command("simulate")(serving.simulate)


@app.command()
def config(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Every setting with its value and source, secrets masked."""
    with explained():
        show(Settings().rows(), form, SETTING_COLUMNS, "Settings")


@app.command()
def version() -> None:
    """The version of Care Journey."""
    typer.echo(importlib.metadata.version("carejourney"))


def main() -> None:
    """Run the command line: whatever it writes is for its user alone."""
    os.umask(0o077)
    log_to_stderr("text", logging.WARNING)  # answers alone go to stdout
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        say("Interrupted. What was recorded before is durable; run the same command again to go on.")
        sys.exit(130)
