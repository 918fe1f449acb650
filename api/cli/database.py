"""``carejourney database …``: tables by version, and who may do what with them."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from api.cli.context import explained, opened, say
from api.cli.output import Format, show
from api.tabular import field_names
from infra.migrations.roles import ROLES, roles_sql
from infra.ops import database
from infra.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The database: versions of its tables, roles.")
_PATIENCE_SECONDS = 60.0  # for transactions that hold up what an erasure leaves to be cleared


@app.command()
def migrate() -> None:
    """Make and bring up every table. Safe beside running processes, and at any time again.

    Needed where the logins of the processes may not make tables; otherwise each does it at its start.
    Example: CAREJOURNEY_DATABASE_URL=postgresql://owner@db/care carejourney database migrate
    """
    with explained():
        settings = Settings()
        before = {row.component: row.version for row in database.status(settings)}
        database.migrate(settings)
        after = database.status(settings)
    with opened(keyless=True) as services:  # what only the owner of the tables can do: clear their files after erasures
        if not services.log.keyring.is_locked:
            services.complete_erasures(_PATIENCE_SECONDS)
    for row in after:
        step = f"{before[row.component]} → {row.version}" if before[row.component] != row.version else "up to date"
        say(f"{row.component}: {step}")


@app.command()
def status(form: Annotated[Format, typer.Option("--format")] = Format.table) -> None:
    """Each component's version in the database, and the one that this release needs; nothing is changed."""
    with explained():
        rows = database.status(Settings())
    show([dataclasses.asdict(row) for row in rows], form, field_names(database.ComponentStatus), "Database")


@app.command()
def roles(
    only_print: Annotated[bool, typer.Option("--print", help="Print the SQL instead of running it")] = False,
) -> None:
    """Make the group roles of PostgreSQL and give them exactly their rights; at any time again.

    Example: carejourney database roles --print | psql -U postgres care
    """
    if only_print:
        typer.echo(roles_sql(), nl=False)
        return
    with explained():
        database.apply_roles(Settings())
    say(f"The roles {', '.join(ROLES)} have their rights. Make logins with CREATE ROLE … LOGIN … IN ROLE ….")
