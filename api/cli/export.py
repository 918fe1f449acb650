"""``carejourney export …``: everything out again, in the formats that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Protocol

import typer

from api.cli.context import opened, progress, say, written_to
from api.cli.output import Format, counted, show
from api.cli.unreadable import tell_left
from infra.bootstrap import Services
from infra.disclosure.consents import described
from infra.disclosure.disclosures import disclose
from infra.disclosure.record_guard import must_not_be_erased, open_seen, see_everybody
from infra.eventstore.log import EventLog
from infra.identity.people import PURPOSES, Principal, operator
from infra.interop.exporters.all_charts import Progress
from infra.interop.exporters.events import export_lines
from infra.interop.exporters.flat import FlatFormat, export_flat
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.process.ocel import export_ocel
from infra.interop.exporters.process.xes import export_xes
from infra.interop.exporters.teds.run import CHECK_COLUMNS, export_teds
from infra.interop.fhir.bulk import export_fhir
from infra.interop.fhir.disclosure import Recipient
from projections.params import day_of, moment_of

app = typer.Typer(no_args_is_help=True, help="Export: events, flat tables, FHIR, TEDS records, process logs.")

Folder = Annotated[Path, typer.Argument(help="A folder that is new or empty")]
Detailed = Annotated[bool, typer.Option("--detailed", help="Every entry, not the milestones of care alone")]


@app.command("events")
def events(
    client: Annotated[str | None, typer.Option(help="Only this chart number")] = None,
    recipient: Annotated[str, typer.Option(help="With --client: who gets it; needs the client's consent")] = "",
    purpose: Annotated[str, typer.Option(help="With --recipient: " + ", ".join(PURPOSES))] = "treatment",
    emergency: Annotated[str, typer.Option(help="With --purpose emergency: its nature, for the record")] = "",
    out: Annotated[str, typer.Option(help="File to write; - for standard output")] = "-",
) -> None:
    """Write the import's NDJSON; import it with --keep-recorded-at for an identical log.

    Example: carejourney export events --out backup.ndjson
    """
    with opened() as services:
        _let_out(services, client, recipient, purpose, emergency)
        left = LeftOut()
        _events(services, client, out, left)
    tell_left(left)


def _events(services: Services, client: str | None, out: str, left: LeftOut) -> None:
    with progress("Exporting", services.log.head()) as bar, written_to(out) as target:
        for number, line in enumerate(export_lines(services.log, client, left), start=1):
            target.write(line)
            if number % 5_000 == 0:
                bar.at(number, unit="entries")


@app.command("csv")
def csv_tables(folder: Folder) -> None:
    """Flat tables as CSV with a data dictionary, without personal fields.

    Example: carejourney export csv tables
    """
    _flat(folder, "csv")


@app.command("parquet")
def parquet_tables(folder: Folder) -> None:
    """Flat tables as Parquet with a data dictionary, without personal fields (needs the extra "parquet").

    Example: carejourney export parquet tables
    """
    _flat(folder, "parquet")


@app.command("fhir")
def fhir(
    folder: Folder,
    recipient: Annotated[str, typer.Option(help="Who gets the records, as the clients' consents name them")],
    purpose: Annotated[str, typer.Option(help=", ".join(PURPOSES) + ", or the words of the consent")] = "treatment",
    client: Annotated[str | None, typer.Option(help="Only this chart number")] = None,
    since: Annotated[str, typer.Option(help="Only what changed since, as 2026-01-31T12:00:00Z")] = "",
) -> None:
    """FHIR R4 resources, NDJSON by kind, of the charts that a consent lets leave; the notice goes with them.

    Example: carejourney export fhir to-county --recipient "County Health (simulated)" --purpose treatment
    """
    to = Recipient(recipient, purpose)
    with opened() as services, progress("Exporting", services.log.head()) as bar:
        who, changed = operator("export fhir"), moment_of(since, "--since")
        result = export_fhir(services, who, folder, to, client, changed, lambda done, head: bar.at(done, head))
    resources = counted(sum(result.written.values()), "resource", "resources")
    say(f"{resources} of {counted(result.disclosed.charts, 'chart', 'charts')} in {folder}")
    for reason, count in sorted(result.disclosed.withheld.items()):
        say(f"{counted(count, 'chart', 'charts')} did not leave: {reason} (42 CFR 2.31)")
    tell_left(result.left)


@app.command("teds")
def teds(
    folder: Folder,
    start: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day")] = "",
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """TEDS admissions and discharges with the official codes; prints what is missing in them.

    Example: carejourney export teds teds-2026 --from 2026-01-01 --to 2026-12-31
    """
    left = LeftOut()
    with opened() as services, progress("Exporting", services.log.head()) as bar:
        first, last = day_of(start, "--from"), day_of(end, "--to")
        see_everybody(services, operator("export teds"))
        result = export_teds(
            services.log, folder, first, last, lambda done, head: bar.at(done, head, unit="positions"), left
        )
    admissions = counted(result.admissions, "admission", "admissions")
    say(f"{admissions} and {counted(result.discharges, 'discharge', 'discharges')} in {folder}")
    show([row for row in result.rows() if row["missing"]], form, CHECK_COLUMNS, "Missing items")
    tell_left(left)


@app.command("xes")
def xes(path: Annotated[Path, typer.Argument(help="File to write")], detailed: Detailed = False) -> None:
    """A process log, one trace a client (XES, IEEE 1849).

    Example: carejourney export xes journeys.xes
    """
    _process_log(export_xes, path, operator("export xes"), detailed=detailed)


@app.command("ocel")
def ocel(path: Annotated[Path, typer.Argument(help="File to write")], detailed: Detailed = False) -> None:
    """An object-centric process log: clients, stays, groups (OCEL 2.0, JSON).

    Example: carejourney export ocel journeys.jsonocel
    """
    _process_log(export_ocel, path, operator("export ocel"), detailed=detailed)


class _ProcessLog(Protocol):
    """Writes a process log; gives the number of its events."""

    def __call__(
        self, log: EventLog, path: Path, *, detailed: bool, progress: Progress | None, left: LeftOut | None
    ) -> int: ...


def _process_log(export: _ProcessLog, path: Path, who: Principal, *, detailed: bool) -> None:
    """Write every client's activities with one of the formats of process logs."""
    left = LeftOut()
    with opened() as services, progress("Exporting", services.log.head()) as bar:
        see_everybody(services, who)
        written = export(
            services.log, path, detailed=detailed, progress=lambda done, head: bar.at(done, head), left=left
        )
    say(f"{counted(written, 'activity', 'activities')} in {path}")
    tell_left(left)


def _let_out(services: Services, client: str | None, recipient: str, purpose: str, emergency: str) -> None:
    """Record who takes what out; to a recipient only under the client's consent, with the notice that goes along."""
    who = operator("export events")
    if client is None:
        see_everybody(services, who)
    elif not recipient:
        must_not_be_erased(services, services.log.client_id(client))
        open_seen(services, who, client, merged=False)
    else:
        _, decision = disclose(
            services, who, client, recipient=recipient, purpose=purpose, what="every entry", emergency=emergency
        )
        for name, text in described(decision).items():
            say(f"{name}: {text}")


def _flat(folder: Path, form: FlatFormat) -> None:
    left = LeftOut()
    with opened() as services, progress("Exporting", services.log.head()) as bar:
        see_everybody(services, operator(f"export {form}"))
        written = export_flat(services.log, folder, form, lambda done, head: bar.at(done, head, unit="positions"), left)
    tables = counted(sum(1 for n in written.values() if n), "table", "tables")
    say(f"{counted(sum(written.values()), 'row', 'rows')} in {tables} in {folder}")
    tell_left(left)
