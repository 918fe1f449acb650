"""``carejourney audit diff``: what became known between two moments, of a client or behind a report's numbers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import orjson
import typer

from api.cli.clients import short
from api.cli.context import opened, progress, say
from api.cli.output import Format, counted, show, show_table
from api.tabular import field_names
from domain.entries import microseconds
from infra.bootstrap import Services
from infra.disclosure.record_guard import open_seen, see_references
from infra.history.changes.client import ClientEntries
from infra.history.changes.entries import Change, learned
from infra.history.changes.numbers import ReportDifference, report_difference
from infra.history.changes.rows import changed_rows
from infra.identity.people import operator
from infra.provider.names import Names, named, names_of
from infra.reporting.reports import REPORTS, ReportParams
from projections.filters import FilterError
from projections.params import day_of, listed, moment_of, pairs_of

_ENTRY = ("client", "sequence", "type", "effect", "occurred_at", "recorded_at", "actor", "late_days")


def diff(
    client: Annotated[str, typer.Argument(help="A chart number; leave it out with --report")] = "",
    from_: Annotated[str, typer.Option("--from", help="Known then, as 2026-05-01T00:00:00Z")] = "",
    to: Annotated[str, typer.Option("--to", help="Known since; default: now")] = "",
    report: Annotated[str, typer.Option(help="Compare this report's numbers instead: " + " | ".join(REPORTS))] = "",
    by: Annotated[str, typer.Option(help="With --report: groups, as level,program")] = "",
    first: Annotated[str, typer.Option("--from-day", "--first-day", help="With --report: its first day")] = "",
    last: Annotated[str, typer.Option("--to-day", "--last-day", help="With --report: its last day")] = "",
    where: Annotated[list[str] | None, typer.Option(help="With --report: filter, as level=residential")] = None,
    measure: Annotated[str | None, typer.Option(help="With --report: only this measure")] = None,
    denominator: Annotated[str, typer.Option(help="With --report completion: which one")] = "completed",
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """What was learned, corrected or taken back between two knowledge times; or which entries changed a number.

    --from and --to are knowledge times: when it was recorded. The days of a report's period are --from-day and
    --to-day. Examples: carejourney audit diff SIM-000001 --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z;
    carejourney audit diff --report completion --from-day 2026-03-01 --to-day 2026-03-31 --from 2026-05-01T00:00:00Z
    """
    start = moment_of(from_, "--from")
    with opened() as services:
        end = moment_of(to, "--to") or services.now()
        if start is None or start >= end:
            raise FilterError("--from: give the earlier of the two moments, as 2026-05-01T00:00:00Z")
        if bool(report) == bool(client):
            raise FilterError("give a chart number, or --report with the name of a report, and not both")
        if client:
            _of_client(services, client, start, end, form)
            return
        params = ReportParams(
            by=listed(by),
            start=day_of(first, "--from-day"),
            end=day_of(last, "--to-day"),
            where=pairs_of(where, "--where"),
            measure=measure,
            denominator=denominator,
        )
        _of_report(services, report, params, (start, end), form)


def _of_client(services: Services, client: str, start: datetime, end: datetime, form: Format) -> None:
    chart = open_seen(services, operator("audit diff"), client, as_of=end)
    first, last = microseconds(start), microseconds(end)
    entries = [
        {"client": client, **asdict(learned(entry, chart.entries))} for entry in chart.entries if entry.recorded > first
    ]
    rows = changed_rows(ClientEntries(services.log, chart.client_id), first, last)
    if form is Format.json:
        _print({"client": client, "from": start, "to": end, "entries": entries, "rows": rows})
    elif form is Format.csv:
        show(entries, form, ("client", *field_names(Change)))
    else:
        called = names_of(services)
        show_table([short(entry, called) for entry in entries], "Entries recorded in between")
        show_table([{**row, "row": _text(row["row"])} for row in rows], "Rows of read models that changed")


def _of_report(
    services: Services, name: str, params: ReportParams, between: tuple[datetime, datetime], form: Format
) -> None:
    start, end = between
    with progress("Folding what was known", services.log.head()) as bar:
        difference = report_difference(services, name, params, start, end, lambda done, total: bar.at(done, total))
    names = services.log.references(list(dict.fromkeys(entry.client_id for entry in difference.entries)))
    see_references(services, operator("audit diff"), names.values())
    entries = [{"client": names.get(entry.client_id, entry.client_id), **asdict(entry)} for entry in difference.entries]
    cells = [asdict(cell) for cell in difference.cells]
    if form is Format.json:
        _print(
            {
                "report": name,
                "from": start,
                "to": end,
                "clients": difference.clients,
                "cells": cells,
                "entries": entries,
            }
        )
    elif form is Format.csv:
        show([{name: entry[name] for name in _ENTRY} for entry in entries], form, _ENTRY)
    else:
        called = names_of(services)
        show_table([_number(cell, called) for cell in cells], "Numbers")
        changed = [{"client": entry["client"], **short(entry, called)} for entry in entries]
        show_table(changed, "Entries that changed them")
        say(sentence(difference, start))


def sentence(difference: ReportDifference, start: datetime) -> str:
    """What happened, in one line."""
    then = start.isoformat()
    if not difference.cells:
        return f"Every number is what it was as known at {then}."
    changed = f"Other than as known at {then}: {counted(len(difference.cells), 'number', 'numbers')}"
    if not difference.entries:
        return f"{changed}. Days went by, no entry changed them."
    entries = counted(len(difference.entries), "entry", "entries")
    return f"{changed}. {entries} of {counted(difference.clients, 'client', 'clients')} changed them."


def _number(cell: dict[str, Any], called: Names) -> dict[str, Any]:
    return {
        "group": ", ".join(str(value) for value in named(called, cell["group"]).values()) or "all",
        "number": cell["name"],
        "then": cell["then"],
        "now": cell["now"],
        "entries": len(cell["entries"]),
    }


def _text(value: Any) -> str:
    return "" if value is None else orjson.dumps(value).decode()


def _print(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
