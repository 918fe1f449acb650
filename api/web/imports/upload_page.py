"""Where an import begins: a file of one of three kinds, and what its times and numbers do not say themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from zoneinfo import available_timezones

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.long_work import Shown, shown
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.frame.uploads import RECEIVED, Received
from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.tables.mapping import mapping_of
from infra.interop.importers.zones import ZoneError, zone
from infra.jobs.table import Job
from infra.ops.imports.uploads import KINDS, LONGEST_MAPPING, Kind, Upload, UploadsError
from infra.ops.imports.work import IMPORT, is_worked_on

PLACE = "/administration/import"
KIND_NAMES: dict[Kind, str] = {
    "events": N_("Events, one a line (NDJSON)"),
    "csv": N_("A table (CSV)"),
    "fhir": N_("FHIR R4: a Bundle, a resource, or NDJSON"),
}
LABELS = {
    "kind": N_("Kind of file"),
    "file": N_("File"),
    "mapping": N_("Mapping"),
    "zone": N_("Time zone"),
    "site": N_("Site"),
}
OUTCOMES = {
    "recorded": N_("recorded"),
    "recorded before": N_("recorded before"),
    "read": N_("read"),
    "used": N_("used"),
    "left over": N_("left over"),
    "blank": N_("blank"),
}
WHATS = {"line": N_("Line"), "lines": N_("Lines"), "row": N_("Row"), "rows": N_("Rows"), "entries": N_("Entries")}
OPTIONS = ("zone", "ignore_offsets", "site", "source", "number_system")
_LONGEST_OPTION = 200
_NO_UPLOAD = N_("This file is not here any more: it was imported, replaced by another one, or kept for an hour.")


def opened(pages: Pages, check: Check) -> Handler:
    """The page."""

    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """A file is uploaded: its next page is that of its mapping, or of its trial."""

    def handler(request: Request) -> Response:
        who = check(request)
        received_form = cast("Received", request.scope.get(RECEIVED) or Received(fault="unreadable"))
        problems = _problems(pages, received_form) or _busy(pages, who)
        if problems:
            return _page(pages, request, who, received_form, problems)
        file = received_form.file("file")
        assert file is not None
        kind = cast("Kind", received_form.fields["kind"])
        options = {name: received_form.fields.get(name, "").strip() for name in OPTIONS}
        try:
            upload = pages.services.uploads.keep(who, kind, file, received_form.files["file"].filename or "", options)
        except UploadsError as error:
            return _page(pages, request, who, received_form, {"file": str(error)})
        mapping = received_form.file("mapping")
        if mapping is not None and kind == "csv":
            upload.write_mapping(mapping.read(LONGEST_MAPPING).decode())
        is_unsaid = kind == "csv" and mapping is None
        return RedirectResponse(f"{PLACE}/{upload.key}{'/mapping' if is_unsaid else ''}", 303)

    return handler


def upload_of(pages: Pages, request: Request, who: Identity, key: str) -> Upload:
    """The upload at an address.

    Raises:
        AnsweredError: it is not there, or somebody else's.
    """
    upload = pages.services.uploads.of(who, key)
    if upload is None:
        values = {"heading": _("No such file"), "text": _(_NO_UPLOAD), "way_on": PLACE, "way_on_name": _("Import")}
        raise AnsweredError(pages.page(request, "message.html", who, 404, **values))
    return upload


def _problems(pages: Pages, received_form: Received) -> dict[str, str]:
    """What is wrong with a form, by field."""
    most = pages.services.uploads.most // 1_000_000
    if received_form.fault == "large":
        return {
            "file": _("The file is larger than {most} MB: split it, or import it by the command line.").format(
                most=most
            )
        }
    if received_form.fault:
        return {"file": _("The form could not be read: choose the file again.")}
    problems: dict[str, str] = {}
    if received_form.fields.get("kind") not in KINDS:
        problems["kind"] = _("Choose one.")
    if received_form.file("file") is None:
        problems["file"] = _("Choose a file that is not empty.")
    problems |= _zone_problem(received_form.fields)
    if any(len(received_form.fields.get(name, "")) > _LONGEST_OPTION for name in OPTIONS):
        problems["site"] = _("At most 200 characters.")
    mapping = received_form.file("mapping")
    if mapping is not None and (wrong := _mapping_problem(mapping.read(LONGEST_MAPPING + 1))):
        problems["mapping"] = wrong
    if mapping is not None:
        mapping.seek(0)
    return problems


def _busy(pages: Pages, who: Identity) -> dict[str, str]:
    """A new file takes the place of the one before: not while that one is worked on."""
    before = pages.services.uploads.newest(who)
    if before is None or not is_worked_on(pages.services, before):
        return {}
    return {"file": _("Your file before is being worked on: wait until it is done.")}


def _zone_problem(fields: dict[str, str]) -> dict[str, str]:
    given = fields.get("zone", "").strip()
    try:
        if given:
            zone(given)
    except ZoneError:
        return {"zone": _("There is no such time zone: write it as America/Chicago.")}
    if fields.get("ignore_offsets") == "yes" and not given:
        return {"zone": _("Say where the times were written.")}
    return {}


def _mapping_problem(raw: bytes) -> str:
    if len(raw) > LONGEST_MAPPING:
        return _("A mapping may have 100,000 bytes.")
    try:
        mapping_of(raw.decode("utf-8"), "mapping")
    except UnicodeDecodeError:
        return _("Save the mapping as UTF-8.")
    except ImportFileError as error:
        return str(error)
    return ""


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    received_form: Received | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    services = pages.services
    typed: dict[str, Any] = {
        name: received_form.fields.get(name, "") if received_form else "" for name in ("kind", *OPTIONS)
    }
    code = 200 if not problems else 413 if received_form and received_form.fault == "large" else 422
    return pages.page(
        request,
        "import.html",
        who,
        code,
        kinds=KIND_NAMES,
        labels=LABELS,
        typed=typed,
        zones=sorted(available_timezones()),
        problems=problems or {},
        summary=_("Nothing was uploaded.") if problems else "",
        most=services.uploads.most,
        whats=WHATS,
        outcomes=OUTCOMES,
        waiting=services.uploads.newest(who),
        last=_last(services.jobs.newest(IMPORT)),
    )


def _last(job: Job | None) -> Shown | None:
    """The last import of anybody, without which file it was."""
    return shown(replace(job, subject="")) if job else None
