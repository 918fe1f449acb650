"""``carejourney audit diff``: what became known between two moments, of a client or behind a number."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import moment_option, opened, progress, say
from api.cli.output import Format, show
from infra.access.charts import open_seen, see_references
from infra.access.people import operator
from infra.asof.differences import ReportDifference, changed_rows, learned, report_difference
from infra.reports import REPORTS, ReportParams
from infra.services import Services
from projections.filters import FilterError


def diff(
    client: Annotated[str, typer.Argument(help="A chart number; leave it out with --report")] = "",
    from_: Annotated[str, typer.Option("--from", help="Known then, as 2026-05-01T00:00:00Z")] = "",
    to: Annotated[str, typer.Option("--to", help="Known since; default: now")] = "",
    report: Annotated[str, typer.Option(help="Compare this report's numbers instead: " + " | ".join(REPORTS))] = "",
    by: Annotated[str, typer.Option(help="With --report: groups, as level,program")] = "",
    first: Annotated[str, typer.Option("--first-day", help="With --report: first day of its period")] = "",
    last: Annotated[str, typer.Option("--last-day", help="With --report: last day of its period")] = "",
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """What was learned, corrected or taken back between two knowledge times; or which entries changed a number.

    Examples: carejourney audit diff SIM-000001 --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z;
    carejourney audit diff --report completion --by level --from 2026-05-01T00:00:00Z
    """
    start = moment_option(from_, "--from")
    with opened() as services:
        end = moment_option(to, "--to") or services.now()
        if start is None or start >= end:
            raise FilterError("--from: give the earlier of the two moments, as 2026-05-01T00:00:00Z")
        if report:
            params = ReportParams(
                by=tuple(part.strip() for part in by.split(",") if part.strip()),
                start=_day(first, "--first-day"),
                end=_day(last, "--last-day"),
            )
            _of_report(services, report, params, start, end, form)
        elif client:
            _of_client(services, client, start, end, form)
        else:
            raise FilterError("give a chart number, or --report with the name of a report")


def _of_client(services: Services, client: str, start: datetime, end: datetime, form: Format) -> None:
    chart = open_seen(services, operator("audit diff"), client)
    entries = [asdict(entry) for entry in learned(chart, start, end)]
    rows = changed_rows(chart, start, end)
    if form is Format.json:
        print_json({"client": client, "entries": entries, "rows": rows})
        return
    show(entries if form is Format.csv else [_short(entry) for entry in entries], form, "Entries recorded in between")
    if form is Format.table:
        show([{**row, "row": _text(row["row"])} for row in rows], form, "Rows of read models that changed")


def _of_report(
    services: Services, name: str, params: ReportParams, start: datetime, end: datetime, form: Format
) -> None:
    with progress("Folding what was known", services.log.head()) as bar:
        found = report_difference(services, name, params, start, end, lambda done, head: bar.at(done, head))
    names = services.log.references(list(dict.fromkeys(entry.client_id for entry in found.entries)))
    see_references(services, operator("audit diff"), names.values())
    entries = [{"client": names.get(entry.client_id, entry.client_id), **asdict(entry)} for entry in found.entries]
    if form is Format.json:
        print_json({"report": name, "cells": [asdict(cell) for cell in found.cells], "entries": entries})
        return
    if form is Format.csv:
        show(entries, form)
        return
    show(
        [{**cell.group, "number": cell.name, "then": cell.then, "now": cell.now} for cell in found.cells],
        form,
        "Numbers",
    )
    show([{"client": entry["client"], **_short(entry)} for entry in entries], form, "Entries that changed them")
    say(sentence(found, start))


def sentence(found: ReportDifference, start: datetime) -> str:
    """What happened, in one line."""
    if not found.cells:
        return f"No number of it is other than what was known at {start.isoformat()}."
    said = f"{len(found.cells)} numbers changed since {start.isoformat()}"
    return f"{said}: {len(found.entries)} entries of {found.clients} clients did it."


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        msg = f"{option} {text!r} is not a date: write it as 2026-01-31"
        raise FilterError(msg) from None


def _short(entry: dict[str, Any]) -> dict[str, Any]:
    wanted = ("sequence", "effect", "type", "occurred_at", "recorded_at", "actor")
    return {name: entry[name] for name in wanted} | {"before": _text(entry["before"]), "after": _text(entry["after"])}


def _text(value: Any) -> str:
    return "" if value is None else orjson.dumps(value).decode()


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
