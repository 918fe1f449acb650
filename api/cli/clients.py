"""``carejourney client …``: one client's timeline and history."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Annotated, Any

import typer

from api.cli.context import opened
from api.cli.output import Format, show
from domain.entries import microseconds
from infra.access.charts import open_seen
from infra.access.people import operator
from infra.charts import OpenedChart
from projections.filters import FilterError
from projections.timeline.fold import timeline as fold_timeline

app = typer.Typer(no_args_is_help=True, help="One client: timeline, history.")

FormatOption = Annotated[Format, typer.Option("--format")]
AsOf = Annotated[str, typer.Option("--as-of", help="Knowledge time with offset, as 2026-01-31T12:00:00Z")]


@app.command()
def timeline(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """What happened, in clinical order, corrections applied.

    Example: carejourney client timeline SIM-000001 --as-of 2026-06-30T12:00:00Z
    """
    with opened() as services:
        moment = _moment(as_of)
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
def history(client: str, form: FormatOption = Format.table) -> None:
    """The raw stream in the order of recording: who, when, through what, and what was recorded."""
    with opened() as services:
        chart = open_seen(services, operator("client history"), client, merged=False)
    show(history_rows(chart), form, "History")


def history_rows(chart: OpenedChart) -> list[dict[str, Any]]:
    """One row an entry, in the order of recording."""
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
            "data": entry.event.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        for entry in chart.entries
    ]


def _moment(text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        msg = f"--as-of {text!r} is not a time with its offset: write it as 2026-01-31T12:00:00Z"
        raise FilterError(msg)
    return microseconds(moment)
