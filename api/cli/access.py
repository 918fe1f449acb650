"""``carejourney audit …``: what auditors ask of the logs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from api.cli import differences
from api.cli.context import opened, say
from api.cli.output import Format, show, show_table
from api.tabular import field_names
from infra.access_log.entries import Accessed
from infra.access_log.review import review
from infra.disclosure.disclosures import Disclosure, accesses, accounting
from infra.eventstore.client_chart import NoSuchChartError
from infra.identity.people import operator

app = typer.Typer(no_args_is_help=True, help="Audit: disclosures, access, integrity.")

app.command("diff")(differences.diff)

ACCESS_COLUMNS = (
    "at", "kind", "name", "role", "via", "doing", "purpose", "broken_glass", "reason", "asked", "issuer", "subject",
)  # fmt: skip
FormatOption = Annotated[Format, typer.Option("--format")]


@app.command()
def disclosures(
    client: str,
    reads: Annotated[bool, typer.Option("--reads", help="Who read the chart here, instead of what left")] = False,
    form: FormatOption = Format.table,
) -> None:
    """What of a client's records left in the last six years (42 CFR 2.25, 45 CFR 164.528).

    Example: carejourney audit disclosures SIM-000001 --format json
    """
    with opened() as services:
        client_id = services.log.client_id(client)
        if not services.log.recorder.streams([client_id]):
            raise NoSuchChartError
        who = operator("audit disclosures")
        services.people.log.read(who, [client_id])
        if reads:
            _show(accesses(services, client_id), form, "Access")
            return
        rows = [row.as_row() for row in accounting(services, client_id)]
    if not rows:
        say("Nothing of this client's records left the organisation.")
    show(rows, form, field_names(Disclosure), "Disclosures")


@app.command()
def access(
    days: Annotated[int, typer.Option(help="How far back")] = 30,
    form: FormatOption = Format.table,
) -> None:
    """Broken glass, refused attempts, and reading that stands out.

    Example: carejourney audit access --days 7
    """
    with opened() as services:
        since = services.now() - timedelta(days=days)
        reviewed = review(services.people.log.every(opened=True), services.zone, since)
        clients = sorted({client for entry in reviewed.broken for client in entry.clients})
        services.people.log.read(operator("audit access"), clients)
    _show([*reviewed.broken, *reviewed.refused], form, "Broken glass and refusals")
    if form is Format.table:
        show_table([asdict(row) for row in reviewed.unusual], "Stands out")


def _show(entries: list[Accessed], form: Format, title: str) -> None:
    """Every column as data; on a terminal those that fit it."""
    if form is Format.table:
        show_table([_short(entry) for entry in entries], title)
    else:
        show([_access(entry) for entry in entries], form, ACCESS_COLUMNS)


def _short(entry: Accessed) -> dict[str, object]:
    return {
        "at": entry.at.strftime("%Y-%m-%d %H:%M"),
        "who": f"{entry.name} ({entry.role})",
        "what": entry.kind,
        "through": entry.doing or entry.via,
        "reason": _reason(entry),
    }


def _access(entry: Accessed) -> dict[str, object]:
    who = (entry.kind, entry.name, entry.role, entry.via, entry.doing, entry.purpose)
    values = (entry.at.isoformat(), *who, entry.broken, _reason(entry), entry.question, entry.issuer, entry.subject)
    return dict(zip(ACCESS_COLUMNS, values, strict=True))


def _reason(entry: Accessed) -> str:
    """Why the glass was broken, or on what ground something left; nothing once the client is erased."""
    words = entry.words or {}
    return words.get("reason") or words.get("basis") or entry.refused
