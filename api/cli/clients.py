"""``carejourney client …``: one client's timeline and history."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from api.cli.context import catch_up, moment_option, opened
from api.cli.output import Format, show
from domain.entries import microseconds
from infra.access.charts import open_seen
from infra.access.people import operator
from infra.asof.differences import before_and_after
from infra.asof.store import known_then
from infra.charts import OpenedChart
from projections.status.queries import client_status
from projections.timeline.fold import timeline as fold_timeline

app = typer.Typer(no_args_is_help=True, help="One client: status, timeline, history.")

_DAY = 86_400_000_000  # µs

FormatOption = Annotated[Format, typer.Option("--format")]
AsOf = Annotated[str, typer.Option("--as-of", help="Knowledge time with offset, as 2026-01-31T12:00:00Z")]


@app.command()
def timeline(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """What happened, in clinical order, corrections applied.

    Example: carejourney client timeline SIM-000001 --as-of 2026-06-30T12:00:00Z
    """
    with opened() as services:
        at = moment_option(as_of, "--as-of")
        moment = microseconds(at) if at else None
        chart = open_seen(services, operator("client timeline"), client)
    items = [dataclasses.asdict(item) for item in fold_timeline(chart.entries, moment)]
    if not items and moment is not None:
        typer.echo("Not known then: the first entry of this chart was recorded later.", err=True)
    if form is Format.table:
        wanted = ("occurred_at", "title", "summary", "recorded_at", "actor")
        show([{name: item[name] for name in wanted} for item in items], form, "Timeline")
        return
    show([{k: v for k, v in item.items() if k not in {"at", "day"}} for item in items], form)


@app.command()
def status(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """Level, flags and what is due, now or as known at a moment.

    Example: carejourney client status SIM-000001 --as-of 2026-06-30T12:00:00Z
    """
    with opened() as services, ExitStack() as stack:
        at = moment_option(as_of, "--as-of")
        chart = open_seen(services, operator("client status"), client)
        if at is None:
            catch_up(services)
            then = services
        else:
            then = stack.enter_context(known_then(services, at, clients=[chart.client_id]))
        with then.reads.reading() as connection:
            row = client_status(connection, chart.client_id, then.today())
    if row is None:
        typer.echo("Not known then: the first entry of this chart was recorded later.", err=True)
    show([{"client": client, **{k: v for k, v in row.items() if k != "client_id"}}] if row else [], form, "Status")


@app.command()
def history(client: str, form: FormatOption = Format.table) -> None:
    """The raw stream in the order of recording: who, when, through what, what, and what a correction changed.

    Example: carejourney client history SIM-000001 --format json
    """
    with opened() as services:
        chart = open_seen(services, operator("client history"), client, merged=False)
    show(history_rows(chart), form, "History")


def history_rows(chart: OpenedChart) -> list[dict[str, Any]]:
    """One row an entry, in the order of recording; a correction with what it changed, before and after."""
    said = {entry.event_id: entry for entry in chart.entries}
    return [
        {
            "sequence": entry.sequence,
            "position": entry.position,
            "event_id": entry.event_id,
            "type": entry.type,
            "occurred_at": entry.occurred_at.isoformat(),
            "recorded_at": entry.recorded_at.isoformat(),
            "actor": entry.meta.get("w", ""),
            "role": entry.meta.get("o", ""),
            "source": entry.meta.get("s", ""),
            "site": entry.meta.get("f", ""),
            "late_days": max(0, (entry.recorded - entry.at) // _DAY),
            "data": entry.event.model_dump(mode="json", by_alias=True, exclude_none=True),
            "before": before,
            "after": after,
        }
        for entry in chart.entries
        for before, after in (before_and_after(entry, said),)
    ]
