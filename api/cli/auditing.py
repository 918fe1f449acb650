"""``carejourney audit …``: what auditors ask of the logs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli import differences
from api.cli.context import opened, say
from api.cli.output import Format, show
from infra.access.disclosures import accesses, accounting
from infra.access.entries import Accessed
from infra.access.people import operator
from infra.access.review import review
from infra.charts import NoSuchChartError

app = typer.Typer(no_args_is_help=True, help="Audit: disclosures, access, integrity.")

app.command("diff")(differences.diff)

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
            show(_shown(accesses(services, client_id), form), form, "Access")
            return
        rows = [row.as_row() for row in accounting(services, client_id)]
    if not rows:
        say("Nothing of this client's records left the organisation.")
    show(rows, form, "Disclosures")


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
        found = review(services.people.log.every(opened=True), ZoneInfo(services.settings.time_zone), since)
        clients = sorted({client for entry in found.broken for client in entry.clients})
        services.people.log.read(operator("audit access"), clients)
    show(_shown([*found.broken, *found.refused], form), form, "Broken glass and refusals")
    if form is Format.table:
        show([asdict(row) for row in found.unusual], form, "Stands out")


def _shown(entries: list[Accessed], form: Format) -> list[dict[str, object]]:
    """Every column as data; on a terminal those that fit it."""
    if form is not Format.table:
        return [_access(entry) for entry in entries]
    return [
        {
            "at": entry.at.strftime("%Y-%m-%d %H:%M"),
            "who": f"{entry.name} ({entry.role})",
            "what": entry.kind,
            "through": entry.doing or entry.via,
            "reason": _reason(entry),
        }
        for entry in entries
    ]


def _access(entry: Accessed) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "name": entry.name,
        "role": entry.role,
        "via": entry.via,
        "doing": entry.doing,
        "purpose": entry.purpose,
        "broken_glass": entry.broken,
        "reason": _reason(entry),
    }


def _reason(entry: Accessed) -> str:
    """Why the glass was broken, or on what ground something left; nothing once the client is erased."""
    words = entry.words or {}
    return words.get("reason") or words.get("basis", "")
