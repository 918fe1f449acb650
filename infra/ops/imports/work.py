"""An upload tried or imported in the background of a server, by the importers that the command line runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from infra.identity.people import Principal
from infra.interop.importers.converted import RESULT_COLUMNS, ConvertedResult
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import SO_FAR, ImportFileError, ImportResult, import_file
from infra.interop.importers.events.trial import Trial
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.fhir.run import import_fhir
from infra.interop.importers.items import LeftOver
from infra.interop.importers.source import Source
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import import_table
from infra.interop.importers.zones import zone
from infra.jobs.begin import begin
from infra.jobs.runner import JobFailedError, Tell
from infra.jobs.table import Job
from infra.ops.imports.context import HasUploads
from infra.ops.imports.uploads import Upload
from infra.privacy.names.duplicates import imported_alike, looking_alike

TRIAL, IMPORT = "import-preview", "import"
_WORK = TRIAL, IMPORT
_KEPT_AGAIN = timedelta(minutes=1)
LISTED = 1_000  # of leftovers and of chart numbers on a page; the file of leftovers has all


def start_trial(services: HasUploads, who: Principal, upload: Upload, request: str = "") -> tuple[Job, bool]:
    """Find out what an upload would record. Nothing is recorded."""

    def work(tell: Tell) -> dict[str, Any]:
        return _trial(services, upload, who, _keeping(services, upload, tell))

    return begin(services, who, TRIAL, work, upload.key, request)


def start_import(services: HasUploads, who: Principal, upload: Upload, request: str = "") -> tuple[Job, bool]:
    """Record what an upload says. Started again for the same upload, it is the job that runs or ran already; after one
    that failed or was cut off it is another.
    """
    before = _jobs_of(services, IMPORT, upload)
    done = next((job for job in before if job.state == "done"), None)
    if done is not None:  # its file is gone: another would fail, and hide what this one came to
        return done, False

    def work(tell: Tell) -> dict[str, Any]:
        return _import(services, upload, who, _keeping(services, upload, tell))

    # two presses at once, of two servers even, are one attempt
    attempt = hashlib.sha256(f"{upload.key} {len(before)}".encode()).hexdigest()[:32]
    return begin(services, who, IMPORT, work, upload.key, request, attempt)


def _keeping(services: HasUploads, upload: Upload, tell: Tell) -> Tell:
    """Tells the same, and that the upload is worked on: nobody sweeps it however long that takes."""
    kept = services.now()

    def report(done: int, total: int) -> None:
        nonlocal kept
        tell(done, total)
        if services.now() - kept >= _KEPT_AGAIN:
            services.uploads.touch(upload)
            kept = services.now()

    return report


def job_of(services: HasUploads, kind: str, upload: Upload) -> Job | None:
    """The last job of a kind for an upload."""
    return next(iter(_jobs_of(services, kind, upload)), None)


def _jobs_of(services: HasUploads, kind: str, upload: Upload) -> list[Job]:
    return [job for job in services.jobs.table.newest(kind, 2**31) if job.subject == upload.key]


def is_worked_on(services: HasUploads, upload: Upload) -> bool:
    """Whether it is being tried or imported: meanwhile neither it nor its mapping goes."""
    return any(job is not None and job.state == "running" for job in (job_of(services, kind, upload) for kind in _WORK))


def trial_of(services: HasUploads, upload: Upload) -> Job | None:
    """The last trial of an upload, where its columns mean what they meant then."""
    noted: dict[str, Any] = upload.noted(upload.findings) or {}
    job = job_of(services, TRIAL, upload)
    is_done = job is not None and job.state == "done"
    return None if is_done and noted.get("meaning") != upload.meaning else job


def source_of(upload: Upload) -> Source:
    """What its person said of where it comes from."""
    options = upload.options
    given = zone(options["zone"]) if options.get("zone") else None
    return Source(given, options.get("ignore_offsets") == "yes", options.get("site", ""))


def _trial(services: HasUploads, upload: Upload, who: Principal, tell: Tell) -> dict[str, Any]:
    trial, meaning = Trial(), upload.meaning
    outcome = _run(services, upload, Origin(by=who.name, trial=trial), tell)
    people = trial.people
    alike, others = looking_alike(services, people) if services.settings.name_search else (set[str](), set[str]())
    # whether somebody is a client here is told by this: of everybody whom it could tell of, the look is recorded
    services.people.log.read(who, sorted(trial.known | others))
    numbers = {"new": sorted(trial.charts.values()), "alike": sorted(people[client_id][0] for client_id in alike)}
    upload.note(upload.findings, {name: listed[:LISTED] for name, listed in numbers.items()} | {"meaning": meaning})
    services.uploads.touch(upload)
    return {**outcome, **{name: len(listed) for name, listed in numbers.items()}}


def _import(services: HasUploads, upload: Upload, who: Principal, tell: Tell) -> dict[str, Any]:
    since = services.log.head()
    outcome = _run(services, upload, Origin(by=who.name), tell)
    head = services.log.head()
    broken = Counter(unmet.criterion for unmet in unmet_rules(services.log, since, lambda done: tell(done, head)))
    services.catch_up()
    alike = imported_alike(services, since) if services.settings.name_search else 0
    upload.file.unlink(missing_ok=True)
    for path in (upload.findings, upload.form):
        path.unlink(missing_ok=True)
    services.uploads.touch(upload)
    return {**outcome, "alike": alike, "unmet": dict(broken.most_common())}


def _run(services: HasUploads, upload: Upload, origin: Origin, tell: Tell) -> dict[str, Any]:
    """The report as the command line gives it, and what was left over in a file beside the upload."""
    try:
        if upload.kind == "events":
            rows, left, followed = _events(services, upload, origin, tell)
        else:
            result = _converted(services, upload, origin, tell)
            rows, left, followed = result.rows(), [asdict(left_over) for left_over in result.left], 0
    except ImportFileError as error:
        text = str(error) if origin.trial is None else str(error).removesuffix(SO_FAR)
        raise JobFailedError(_failed(text, upload)) from None
    upload.note(upload.left, left)
    return {"rows": rows, "left": len(left), "followed": followed}


def _converted(services: HasUploads, upload: Upload, origin: Origin, tell: Tell) -> ConvertedResult:
    source = source_of(upload)

    def report(done: int) -> None:
        tell(done, 0)

    if upload.kind == "csv":
        mapping = read_mapping(upload.mapping)
        return import_table(services.log, upload.file, mapping, source=source, origin=origin, progress=report)
    sending = Sending(upload.options.get("source", ""), source, upload.options.get("number_system", ""))
    return import_fhir(services.log, [upload.file], origin=origin, sending=sending, progress=report)


def _events(
    services: HasUploads, upload: Upload, origin: Origin, tell: Tell
) -> tuple[list[dict[str, object]], list[dict[str, Any]], int]:
    size = upload.file.stat().st_size
    result = import_file(
        services.log,
        str(upload.file),
        source=source_of(upload),
        progress=lambda done: tell(min(done, size), size),
        origin=origin,
    )
    left = _rejected(result.rejects_file)
    return _rows(result), left, result.followed


def _rows(result: ImportResult) -> list[dict[str, object]]:
    """The account of lines in the columns that reports of other formats have."""
    made = [(name, "recorded", count) for name, count in sorted(result.by_type.items())]
    counts = {
        "read": result.lines,
        "recorded": result.recorded,
        "recorded before": result.known,
        "left over": result.rejected,
        "blank": result.blank,
    }
    lines = [("lines", what, count) for what, count in counts.items()]
    return [dict(zip(RESULT_COLUMNS, row, strict=True)) for row in (*made, *lines)]


def _rejected(path: Path | None) -> list[dict[str, Any]]:
    """Where each rejected line stands and why, without its text; the file that has it is removed."""
    if path is None:
        return []
    records = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    path.unlink()
    return [asdict(LeftOver(f"line {record['line']}", "line", record["reason"])) for record in records]


def _failed(text: str, upload: Upload) -> str:
    """Why a file cannot be read, without where it lies; of a table no names of columns, which may be its first row."""
    if upload.kind == "csv":
        return "the table cannot be read by its mapping: look at its first rows, they say why"
    return text.replace(f"{upload.folder}/", "").removeprefix(f"{upload.file.name}: ")
