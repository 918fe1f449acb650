"""The command line's table of contents."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import Annotated

import typer

from api.cli import clients, importing, projecting, reporting, serving
from api.cli.context import opened, progress, say, written_to
from api.cli.output import Format, show
from infra.exporter import export_lines
from infra.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Care Journey: event-sourced care journeys for addiction-treatment providers.",
)
export = typer.Typer(no_args_is_help=True, help="Export: everything out again.")
app.add_typer(importing.app, name="import")
app.add_typer(export, name="export")
app.add_typer(projecting.app, name="project")
app.add_typer(clients.app, name="client")
app.command("report")(reporting.report)
app.command("serve")(serving.serve)
app.command("demo")(serving.demo)
app.command("simulate")(serving.simulate)


@export.command("events")
def export_events(
    client: Annotated[str | None, typer.Option(help="Only this chart number")] = None,
    out: Annotated[str, typer.Option(help="File to write; - for standard output")] = "-",
) -> None:
    """Write the import's NDJSON; import it with --keep-recorded-at for an identical log.

    Example: carejourney export events --out backup.ndjson
    """
    with opened() as services, progress("Exporting", services.log.head()) as bar, written_to(out) as target:
        for number, line in enumerate(export_lines(services.log, client), start=1):
            target.write(line)
            if number % 5_000 == 0:
                bar.at(number, unit="entries")


@app.command()
def config(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Every setting with its value and source, secrets masked."""
    show(Settings().rows(), form, "Settings")


@app.command()
def version() -> None:
    """The version of Care Journey."""
    typer.echo(importlib.metadata.version("carejourney"))


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        say("Interrupted. What was recorded before is durable; run the same command again to go on.")
        sys.exit(130)
