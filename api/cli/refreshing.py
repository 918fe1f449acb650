"""``carejourney reporting …``: the schema `reporting` of PostgreSQL."""

from __future__ import annotations

import typer

from api.cli.context import explained, opened, say

app = typer.Typer(no_args_is_help=True, help="The schema reporting of PostgreSQL: suppressed reports as views.")


@app.callback()
def reporting() -> None:
    """Suppressed reports as views of PostgreSQL."""


@app.command()
def refresh() -> None:
    """Compute every report anew and put it into the schema; `project run` does it by itself.

    Example: carejourney reporting refresh && psql -c 'SELECT * FROM reporting.completion'
    """
    from infra.reporting.refreshing import refresh as compute  # PostgreSQL's driver loads when it is needed

    with explained(), opened(keyless=True) as services:
        done = compute(services, force=True)
    if done is None:
        say("Another process is refreshing it just now.")
    else:
        say(f"{len(done.reports)} reports, up to position {done.position:,}.")
