"""``carejourney keys …``: master keys, and the change from one to another."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import explained, opened, progress
from api.cli.output import Format, counted, show
from api.tabular import field_names
from infra.eventstore.keys.providers import new_key_file
from infra.eventstore.keys.rotation import rotate as rotate_keys
from infra.eventstore.keys.status import KeyStatus, status as key_status

app = typer.Typer(no_args_is_help=True, help="Master keys: status, new, rotate.")


@app.command()
def status(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Which master key wraps how many keys of clients and secrets; works without a key too.

    Example: carejourney keys status
    """
    with opened(keyless=True) as services:
        show([dataclasses.asdict(row) for row in key_status(services.log)], form, field_names(KeyStatus), "Master keys")


@app.command()
def new(path: Annotated[Path, typer.Argument(help="The file to make, mode 600")]) -> None:
    """Make a new master key in a file.

    Example: carejourney keys new var/second.key
    """
    with explained():
        typer.echo(f"Made {new_key_file(path)}. Keep the file apart from the log and its backups.")


@app.command()
def rotate() -> None:
    """Wrap every key anew with the master key in use. Online, and safe to start again.

    First set the new key (CAREJOURNEY_MASTER_KEY_FILE) and accept the old one (CAREJOURNEY_ACCEPTED_MASTER_KEY_FILES)
    for every process; drop the old one when this is done.

    Example: carejourney keys rotate
    """
    with opened() as services, progress("Wrapping keys anew", None) as bar:
        moved = rotate_keys(services.log, lambda done, total: bar.at(done, total, "keys"))
        left = sum(row.charts + row.secrets for row in key_status(services.log) if row.state != "in use")
    typer.echo(f"{counted(moved, 'key', 'keys')} wrapped anew, {left} still wrapped by another master key.")
