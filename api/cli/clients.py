"""``carejourney client …``: one client's status, timeline, derived rows and history, now or as known once."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from api.cli.context import catch_up, opened
from api.cli.names import in_names
from api.cli.output import Format, show, show_table
from api.cli.unreadable import tell_unread
from api.tabular import field_names
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import at_entry as chart_at_entry
from infra.history.as_of.clients import rows_at, status_at
from infra.history.changes.history import COLUMNS as HISTORY_COLUMNS, history as history_of
from infra.identity.people import operator
from infra.privacy.names.duplicates import Pair, pairs_for
from infra.provider.names import Names, named, named_items, names_of
from projections.columns import names
from projections.filters import FilterError
from projections.params import moment_of
from projections.status.columns import CLIENT_COLUMNS
from projections.timeline.fold import TimelineItem, timeline as fold_timeline

app = typer.Typer(no_args_is_help=True, help="One client: status, timeline, rows, history; documents; erasure.")

FormatOption = Annotated[Format, typer.Option("--format")]
AsOf = Annotated[str, typer.Option("--as-of", help="As known then, with its offset, as 2026-01-31T12:00:00Z")]
AtEntry = Annotated[int | None, typer.Option("--at-entry", help="As it stood at this entry of the chart")]


@app.command()
def status(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """Level, days, plan, flags and what is due.

    Example: carejourney client status SIM-000001 --as-of 2026-03-31T12:00:00Z
    """
    with opened() as services:
        at = moment_of(as_of, "--as-of")
        chart = open_seen(services, operator("client status"), client, as_of=at)
        if at is None:
            catch_up(services)
        row = status_at(services, chart.client_id, at)
        state = {name: value for name, value in (row or {}).items() if name != "client_id"}
        [called] = in_names(services, [state])
    tell_unread(chart.left_out)
    if form is Format.table:
        facts = [{"what": name.replace("_", " "), "value": value} for name, value in called.items()]
        show_table(facts, chart.reference)
        return
    show([{"client": chart.reference, **state}] if state else [], form, names(CLIENT_COLUMNS))


@app.command()
def timeline(
    client: str,
    as_of: AsOf = "",
    at_entry: AtEntry = None,
    form: FormatOption = Format.table,
) -> None:
    """What happened, in clinical order, corrections applied.

    Example: carejourney client timeline SIM-000001 --as-of 2026-06-30T12:00:00Z
    """
    with opened() as services:
        at = moment_of(as_of, "--as-of")
        if at is not None and at_entry is not None:
            msg = "give --as-of or --at-entry: one says when, the other after which entry"
            raise FilterError(msg)
        chart = open_seen(services, operator("client timeline"), client, as_of=at)
        if at_entry is not None:
            chart = chart_at_entry(chart, services.log, at_entry)
        folded = fold_timeline(chart.entries)
        if form is Format.table:
            folded = named_items(names_of(services), folded)
    tell_unread(chart.left_out)
    items = [dataclasses.asdict(item) for item in folded]
    if form is Format.table:
        wanted = ("occurred_at", "title", "summary", "recorded_at", "actor")
        show_table([{name: item[name] for name in wanted} for item in items], "Timeline")
        return
    columns = tuple(name for name in field_names(TimelineItem) if name not in {"at", "day", "minute", "sign"})
    show([{name: item[name] for name in columns} for item in items], form, columns)


@app.command()
def rows(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """Every row that the read models derive of a client: status, stays, weekly patterns and the rest.

    Example: carejourney client rows SIM-000001 --as-of 2026-03-31T12:00:00Z --format json
    """
    with opened() as services:
        at = moment_of(as_of, "--as-of")
        chart = open_seen(services, operator("client rows"), client, as_of=at)
        by_table = rows_at(services, chart.client_id, at)
        if form is Format.table:
            by_table = {table: in_names(services, table_rows) for table, table_rows in by_table.items()}
    tell_unread(chart.left_out)
    if form is Format.table:
        for table, table_rows in by_table.items():
            if table_rows:
                show_table(table_rows, table)
        return
    show(
        [{"table": table, "row": row} for table, table_rows in by_table.items() for row in table_rows],
        form,
        ("table", "row"),
    )


@app.command()
def duplicates(form: FormatOption = Format.table) -> None:
    """Charts that may be one person's: names that sound alike, days of birth that are off, numbers spelt otherwise.

    Example: carejourney client duplicates --format json
    """
    with opened() as services:
        catch_up(services)
        pairs, _ = pairs_for(services, operator("client duplicates"))
    rows = [{**dataclasses.asdict(pair), "how": ", ".join(pair.how)} for pair in pairs]
    show(rows, form, field_names(Pair), "Possible duplicates")


@app.command()
def history(client: str, as_of: AsOf = "", form: FormatOption = Format.table) -> None:
    """The raw stream in the order of recording: who, when, through what, how late, and what an amendment changed.

    Example: carejourney client history SIM-000001 --format json
    """
    with opened() as services:
        at = moment_of(as_of, "--as-of")
        chart = open_seen(services, operator("client history"), client, as_of=at)
        called = names_of(services)
    tell_unread(chart.left_out)
    entries = history_of(chart)
    if form is Format.table:
        show_table([short(row, called) for row in entries], "History")
    else:
        show(entries, form, HISTORY_COLUMNS)


def short(row: dict[str, Any], called: Names) -> dict[str, Any]:
    """An entry as it fits a terminal."""
    late = f" ({row['late_days']} days late)" if row["late_days"] else ""
    who = f"{row['actor'] or 'unknown'}{', ' + row['role'] if row['role'] else ''}"
    return {
        "sequence": row["sequence"],
        "recorded": minute(row["recorded_at"]) + late,
        "type": row["type"] if row["effect"] == "learned" else f"{row['type']} ({row['effect']})",
        "happened": minute(row["occurred_at"]),
        "by": who,
        "through": through(row),
        "changed": change(*(row[when] and named(called, row[when]) for when in ("before", "after"))),
    }


def minute(at: str | None) -> str:
    """A moment to the minute; of an unreadable entry it may not be known."""
    return at[:16].replace("T", " ") if at else "unknown"


def through(row: dict[str, Any]) -> str:
    """The system an entry came through; of an import also who ran it and when, and the source that was claimed."""
    if not row.get("imported_by"):
        return row["source"]
    claimed = f" (says {row['claimed_source']})" if row["claimed_source"] else ""
    at = row["imported_at"][:16].replace("T", " ")
    return f"{row['source']}{claimed}, by {row['imported_by']}, {at}, batch {row['import_batch'][:8]}"


def change(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    """What an amendment changed, as ``field: before → after``."""
    if before is None and after is None:
        return ""
    if after is None:
        return "does not count any more"
    if before is None:
        return "counts again"
    return "; ".join(f"{name}: {before.get(name)} → {after.get(name)}" for name in dict.fromkeys([*before, *after]))
