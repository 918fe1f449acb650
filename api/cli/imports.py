"""``carejourney import …``: history from elsewhere into the log."""

from __future__ import annotations

import dataclasses
from collections import Counter
from contextlib import ExitStack
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated

import orjson
import typer

from api.cli.context import REFUSED, catch_up, explained, opened, progress, say, written_to
from api.cli.integrity import seal_after
from api.cli.output import Format, counted, show
from api.cli.sources import OffsetsOption, SiteOption, ZoneOption, source_options
from api.tabular import field_names, write_csv
from infra.bootstrap import Services
from infra.eventstore.log import EventLog
from infra.interop.importers.converted import RESULT_COLUMNS, ConvertedResult
from infra.interop.importers.events.known import OTHER_CONTENT
from infra.interop.importers.events.lines import line_of_id
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import BrokenOffError, Given, ImportResult, given_files, import_given
from infra.interop.importers.events.trial import Trial
from infra.interop.importers.items import LeftOver
from infra.interop.importers.source import Source
from infra.privacy.names.duplicates import imported_alike
from projections.params import day_of

app = typer.Typer(no_args_is_help=True, help="Import history: NDJSON events, or the CTN-0094 tables.")

CheckRules = Annotated[bool, typer.Option(help="Report what a live command would have refused")]
SUMMARY_COLUMNS = ("file", "lines", "recorded", "recorded_before", "rejected", "blank", "clients")
DAY_ZERO = date(2012, 1, 2)


@app.command("events")
def events(
    files: Annotated[list[str], typer.Argument(help="NDJSON files, .gz too; - for standard input")],
    keep_recorded_at: Annotated[bool, typer.Option(help="Keep each line's own recorded_at")] = False,
    strict: Annotated[bool, typer.Option(help="Refuse what a live command would refuse")] = False,
    zone: ZoneOption = "",
    ignore_offsets: OffsetsOption = False,
    site: SiteOption = "",
    check_rules: CheckRules = True,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Import NDJSON, one event a line. Restartable: nothing is recorded twice.

    Bad lines go to FILE.rejected.ndjson with their line number and reason; the rest is imported.
    Example: carejourney import events history.ndjson.gz
    """
    rows: list[dict[str, object]] = []
    rejected = 0
    broken: BrokenOffError | None = None
    with opened() as services, ExitStack() as stack:
        source = source_options(zone, ignores_offsets=ignore_offsets, site=site)
        since = services.log.head()
        for given in stack.enter_context(given_files(services.log, files, strict=strict, source=source)):
            try:
                result = _imported(services.log, given, source, keep_recorded_at=keep_recorded_at)
            except BrokenOffError as error:
                broken, result = error, error.result
            rejected += result.rejected
            rows.append(_summary(given.path, result))
            _say_rejects(result)
            _say_followed(result.followed)
            if check_rules and not strict and result.recorded:
                name = "stdin" if given.path == "-" else given.path
                say_unmet(services.log, name, result.since, result.fingerprint)
            if broken is not None:
                break
        catch_up(services)
        say_alike(services, since)
        seal_after(services)
        show(rows, form, SUMMARY_COLUMNS, "Import")
        if broken is not None:
            raise broken
    _fail_if(bool(rejected))


def _imported(log: EventLog, given: Given, source: Source, *, keep_recorded_at: bool) -> ImportResult:
    """What one of the files came to, with a bar meanwhile."""
    path = Path(given.path)
    size = path.stat().st_size if given.path != "-" else None
    with progress(f"Importing {path.name}", size) as bar:
        return import_given(
            log,
            given,
            keep_recorded_at=keep_recorded_at,
            source=source,
            progress=lambda done: bar.at(done, size, "bytes"),
        )


def say_alike(services: Services, since: int) -> None:
    """Say how many of the charts that an import opened look like others."""
    count = imported_alike(services, since) if services.settings.name_search else 0
    if count:
        noun = "chart of this import looks like another" if count == 1 else "charts of this import look like others"
        say(f"{count} {noun}: see `carejourney client duplicates`")


def _say_followed(followed: int) -> None:
    if followed:
        came = (
            "line came under a merged chart and follows"
            if followed == 1
            else "lines came under merged charts and follow"
        )
        say(f"{followed:,} {came} the surviving chart" + ("" if followed == 1 else "s"))


def _summary(path: str, result: ImportResult) -> dict[str, object]:
    counts = (result.lines, result.recorded, result.known, result.rejected, result.blank, result.clients)
    return dict(zip(SUMMARY_COLUMNS, (Path(path).name, *counts), strict=True))


def _say_rejects(result: ImportResult) -> None:
    if result.rejected:
        say(f"{counted(result.rejected, 'line was', 'lines were')} rejected; see {result.rejects_file}:")
        for reason, n in result.reasons.most_common(10):
            say(f"  {n} × {reason}")


def say_unmet(log: EventLog, name: str, since: int, fingerprint: bytes = b"") -> None:
    """Report each entry that a live command would have refused, to a file and in sums."""
    target = f"{name}.unmet.ndjson"
    refused: Counter[str] = Counter()
    with progress("Checking the rules of live commands", log.head()) as bar, ExitStack() as stack:
        file: IO[bytes] | None = None
        for unmet in unmet_rules(log, since, lambda done: bar.at(done, unit="positions")):
            file = file or stack.enter_context(written_to(target))
            refused[unmet.criterion] += 1
            row = dataclasses.asdict(unmet) | {
                "client": log.reference(unmet.client_id),
                "line": line_of_id(fingerprint, unmet.event_id) if unmet.event_id else None,
            }
            file.write(orjson.dumps(row) + b"\n")
    if refused:
        say(
            f"A live command would have refused {refused.total()} of these entries (recorded as they were); "
            f"see {target}:"
        )
        for criterion, n in refused.most_common():
            say(f"  {n} × {criterion}")


@app.command("ctn0094")
def ctn0094(
    directory: Annotated[Path, typer.Argument(help="Folder with the tables as csv.gz")],
    day_zero: Annotated[str, typer.Option(help="Every client's consent date")] = str(DAY_ZERO),
    leftovers: Annotated[Path | None, typer.Option(help="Write each row that was left over to this CSV")] = None,
    check_rules: CheckRules = False,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Import the de-identified CTN-0094 tables (R package public.ctn0094data).

    Example: carejourney import ctn0094 ../shared/data/ctn0094
    """
    from infra.interop.importers.ctn0094.account import ACCOUNT_COLUMNS
    from infra.interop.importers.ctn0094.run import import_ctn0094

    with explained():
        start = day_of(day_zero, "--day-zero") or DAY_ZERO
    with opened() as services:
        since = services.log.head()
        with progress("Importing CTN-0094", 3_560) as bar:
            report = import_ctn0094(
                services.log, directory, start, leftovers, lambda done, total: bar.at(done, total, "clients")
            )
        if check_rules:
            say_unmet(services.log, "ctn0094", since)
        catch_up(services)
        say_alike(services, since)
        seal_after(services)
    show(report, form, ACCOUNT_COLUMNS, "CTN-0094: rows in = rows used + rows left over")
    _fail_if(not report[-1]["rows_used"] and bool(report[-1]["left_over"]))
    _fail_if(OTHER_CONTENT in str(report[-1]["left_over_because"]))


@app.command("fhir")
def fhir(
    paths: Annotated[list[Path], typer.Argument(help="Bundles, resources, NDJSON files (.gz too), or folders of them")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be recorded; record nothing")] = False,
    keep_recorded_at: Annotated[bool, typer.Option(help="Keep the moments of recording that Provenance names")] = False,
    source: Annotated[
        str, typer.Option(help="The system that sends it, where no fullUrl says so: tells two systems' ids apart")
    ] = "",
    number_system: Annotated[
        str, typer.Option(help="The system of the identifiers that are chart numbers; default: those of type MR")
    ] = "",
    leftovers: Annotated[
        Path | None, typer.Option(help="Write what was left over, with the reasons, to this CSV")
    ] = None,
    zone: ZoneOption = "",
    ignore_offsets: OffsetsOption = False,
    site: SiteOption = "",
    check_rules: CheckRules = True,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Import FHIR R4: stays and sessions, diagnoses, screens, scores, medication, consents; says what was left over.

    Restartable: nothing is recorded twice; what its source corrected since is corrected.
    Examples: carejourney import fhir bulk-export/ --dry-run;
    carejourney import fhir bulk-export/ --source north --number-system http://north.example/mrn --zone America/Chicago
    """
    from infra.interop.importers.fhir.patients import Sending
    from infra.interop.importers.fhir.run import import_fhir

    with explained():
        known = source_options(zone, ignores_offsets=ignore_offsets, site=site)
    with opened() as services:
        since = services.log.head()
        sending = Sending(source, known, number_system)
        result = import_fhir(
            services.log, paths, origin=_run_of(dry_run=dry_run), keep_recorded_at=keep_recorded_at, sending=sending
        )
        _converted(services, result, leftovers, "fhir" if check_rules else "", since)
    _told(result, form, dry_run=dry_run)


@app.command("csv")
def csv_table(
    table: Annotated[Path, typer.Argument(help="A CSV file with a header, .gz too")],
    mapping: Annotated[Path, typer.Option("--map", help="The mapping file (TOML): what each column means")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be recorded; record nothing")] = False,
    show_rows: Annotated[int, typer.Option("--preview", help="Show what the first rows would become, and stop")] = 0,
    leftovers: Annotated[
        Path | None, typer.Option(help="Write what was left over, with the reasons, to this CSV")
    ] = None,
    zone: ZoneOption = "",
    ignore_offsets: OffsetsOption = False,
    site: SiteOption = "",
    check_rules: CheckRules = True,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Import another system's table by a mapping of its columns; docs/import.md explains the mapping.

    Restartable: nothing is recorded twice. Example: carejourney import csv sessions.csv --map sessions.toml --preview 5
    """
    from infra.interop.importers.tables.mapping import read_mapping
    from infra.interop.importers.tables.run import PREVIEW_COLUMNS, import_table, preview

    with explained():
        rules = read_mapping(mapping)
        is_zoned = rules.zone is not None
        source = source_options(zone, ignores_offsets=ignore_offsets, site=site, is_zoned=is_zoned)
        if show_rows:
            show(preview(table, rules, show_rows, source=source), form, PREVIEW_COLUMNS, "Preview")
            return
    with opened() as services:
        since = services.log.head()
        result = import_table(services.log, table, rules, source=source, origin=_run_of(dry_run=dry_run))
        _converted(services, result, leftovers, str(table) if check_rules else "", since)
    _told(result, form, dry_run=dry_run)


def _run_of(*, dry_run: bool) -> Origin:
    """One run of an import by the operator; ``dry_run``: a trial, which records nothing."""
    return Origin(trial=Trial() if dry_run else None)


def _converted(services: Services, result: ConvertedResult, leftovers: Path | None, name: str, since: int) -> None:
    """List what was left over; then, if anything was recorded, the rules that it breaks (to a file of this name)."""
    if leftovers is not None:
        with written_to(str(leftovers)) as file:
            text = TextIOWrapper(file, write_through=True, newline="")
            write_csv([dataclasses.asdict(left) for left in result.left], text, field_names(LeftOver))
            text.detach()
    elif result.left:
        say(f"{len(result.left)} were left over; --leftovers FILE lists each with its reason")
    if services.log.head() == since:
        return
    if name:
        say_unmet(services.log, name, since)
    catch_up(services)
    say_alike(services, since)
    seal_after(services)


def _told(result: ConvertedResult, form: Format, *, dry_run: bool) -> None:
    """Show the report; exit 1 where nothing was recorded of what there was, or something else is recorded here."""
    show(result.rows(), form, RESULT_COLUMNS, "Would be imported" if dry_run else "Import")
    _fail_if(bool(result.left) and not result.recorded and not result.known)
    _fail_if(bool(result.differs) or any(OTHER_CONTENT in left.reason for left in result.left))


def _fail_if(failed: bool) -> None:  # noqa: FBT001 - the question itself
    if failed:
        raise typer.Exit(REFUSED)
